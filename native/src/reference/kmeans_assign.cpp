// labels[i] = argmin_j |c_j|^2 - 2 x_i.c_j (exact score, lowest j on ties). x [n x d], centroids [k
// x d]; n k d multiply-adds in fp64. Distances: direct differences; objective: their sum over
// blocks of 1024 rows in order, blocks in order.
#include <algorithm>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void kmeans_assign(Workers&, ConstMatrix x, ConstMatrix centroids, const int32_t*, int32_t* labels,
                   float* distances, double* objective) {
  requireFinite(centroids, "centroids");
  requireFinite(x, "x");
  const int64_t d = x.cols;
  std::vector<double> norms;
  for (int64_t j = 0; j < centroids.rows; j++) {
    norms.push_back(exactDot(centroids.row(j), centroids.row(j), d));
  }
  double total = 0;
  for (int64_t begin = 0; begin < x.rows; begin += kObjectiveBlock) {
    double block = 0;
    for (int64_t i = begin; i < std::min(x.rows, begin + kObjectiveBlock); i++) {
      double best = 0;
      for (int64_t j = 0; j < centroids.rows; j++) {
        const double score = norms[j] - 2 * exactDot(x.row(i), centroids.row(j), d);
        if (j == 0 || score < best) {
          best = score;
          labels[i] = static_cast<int32_t>(j);
        }
      }
      if (distances == nullptr && objective == nullptr) continue;
      const double distance = exactSquaredDistance(x.row(i), centroids.row(labels[i]), d);
      if (distances != nullptr) distances[i] = static_cast<float>(distance);
      block += distance;
    }
    total += block;
  }
  if (objective != nullptr) *objective = total;
}

}  // namespace reference
}  // namespace dc4j
