// centroids[j] = sums[j] 2^-shift / counts[j] where counts[j] > 0 (core/fixed_point.h). sums and
// centroids [k x d], counts [k].
#include "backend/table.h"
#include "core/fixed_point.h"

namespace dc4j {
namespace reference {

void kmeans_means(Workers&, const int64_t* sums, const int64_t* counts, int shift,
                  Matrix centroids) {
  const double unit = std::ldexp(1.0, -shift);
  for (int64_t j = 0; j < centroids.rows; j++) {
    for (int64_t t = 0; t < centroids.cols && counts[j] > 0; t++) {
      centroids.row(j)[t] = fixedPointMean(sums[j * centroids.cols + t], unit, counts[j]);
    }
  }
}

}  // namespace reference
}  // namespace dc4j
