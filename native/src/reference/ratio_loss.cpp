// loss = (1/n') sum_i u/w with u = |x_i - c_first|, v = |x_i - c_second|, w = sqrt(v^2 +
// epsilon^2); gradient_i = (1/n') (a / (max(u, epsilon) w) - u b / w^3), a, b the two differences.
// x, gradient [n x d]; 6 n d operations in fp64. Equal centroids: term 1, gradient 0.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void ratio_loss(Workers&, ConstMatrix x, ConstMatrix centroids, const int32_t* first,
                const int32_t* second, double epsilon, Matrix gradient, double* loss) {
  const int64_t n = x.rows, d = x.cols;
  requireFinite(x, "x");
  std::vector<int32_t> named;
  for (int64_t i = 0; i < n; i++) {
    if (first[i] >= 0 && second[i] >= 0) named.insert(named.end(), {first[i], second[i]});
  }
  requireFiniteRows(centroids, "centroids", named.data(), static_cast<int64_t>(named.size()));
  const double count = static_cast<double>(named.size()) / 2;
  double total = 0;
  for (int64_t i = 0; i < n; i++) {
    float* to = gradient.data == nullptr ? nullptr : gradient.row(i);
    if (to != nullptr) std::fill(to, to + d, 0.0f);
    if (first[i] < 0 || second[i] < 0) continue;
    const float *row = x.row(i), *near = centroids.row(first[i]), *far = centroids.row(second[i]);
    if (std::equal(near, near + d, far)) {
      total += 1;
      continue;
    }
    const double u = std::sqrt(exactSquaredDistance(row, near, d));
    const double w = std::sqrt(exactSquaredDistance(row, far, d) + epsilon * epsilon);
    total += u / w;
    if (to == nullptr) continue;
    const double pull = 1 / (std::max(u, epsilon) * w * count), push = u / w / w / w / count;
    for (int64_t t = 0; t < d; t++) {
      const double value = row[t];
      to[t] = static_cast<float>(pull * (value - near[t]) - push * (value - far[t]));
    }
  }
  *loss = count > 0 ? total / count : 0;
}

}  // namespace reference
}  // namespace dc4j
