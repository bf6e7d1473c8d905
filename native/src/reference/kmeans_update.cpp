// centroids[j] = mean of the rows labelled j in 64-bit fixed point (core/fixed_point.h); clusters
// without rows keep theirs. x [n x d], centroids [k x d]; n d additions. round() is to the nearest,
// ties to even.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/fixed_point.h"

namespace dc4j {
namespace reference {

void kmeans_update(Workers&, ConstMatrix x, const int32_t* labels, Matrix centroids,
                   int64_t* counts) {
  requireFinite(x, "x");
  const int64_t d = x.cols, k = centroids.rows;
  float largest = 0;
  for (int64_t i = 0; i < x.rows; i++) {
    for (int64_t t = 0; t < d; t++) largest = std::max(largest, std::fabs(x.row(i)[t]));
  }
  const int shift = fixedPointShift(x.rows, largest);
  const double scale = std::ldexp(1.0, shift), unit = std::ldexp(1.0, -shift);
  std::vector<int64_t> sums(static_cast<size_t>(k * d));
  std::fill(counts, counts + k, 0);
  for (int64_t i = 0; i < x.rows; i++) {
    const int64_t j = labels[i];
    if (j < 0) continue;
    counts[j]++;
    for (int64_t t = 0; t < d; t++) sums[j * d + t] += std::llrint(x.row(i)[t] * scale);
  }
  for (int64_t j = 0; j < k; j++) {
    if (counts[j] == 0) continue;
    for (int64_t t = 0; t < d; t++) {
      centroids.row(j)[t] = fixedPointMean(sums[j * d + t], unit, counts[j]);
    }
  }
}

}  // namespace reference
}  // namespace dc4j
