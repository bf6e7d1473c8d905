// first[i], second[i] = the two lowest (exact score, j). x [n x d], centroids [k x d], k >= 2; n k
// d multiply-adds in fp64. Distances: direct differences.
#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void kmeans_assign2(Workers&, ConstMatrix x, ConstMatrix centroids, int32_t* first, int32_t* second,
                    float* first_distances, float* second_distances) {
  requireFinite(centroids, "centroids");
  requireFinite(x, "x");
  const int64_t d = x.cols;
  for (int64_t i = 0; i < x.rows; i++) {
    double best = 0, next = 0;
    first[i] = second[i] = -1;
    for (int64_t j = 0; j < centroids.rows; j++) {
      const double score = exactScore(x.row(i), centroids.row(j), d);
      if (first[i] < 0 || score < best) {
        next = best;
        second[i] = first[i];
        best = score;
        first[i] = static_cast<int32_t>(j);
      } else if (second[i] < 0 || score < next) {
        next = score;
        second[i] = static_cast<int32_t>(j);
      }
    }
    if (first_distances == nullptr) continue;
    const float* row = x.row(i);
    first_distances[i] = static_cast<float>(exactSquaredDistance(row, centroids.row(first[i]), d));
    second_distances[i] =
        static_cast<float>(exactSquaredDistance(row, centroids.row(second[i]), d));
  }
}

}  // namespace reference
}  // namespace dc4j
