// kmeans_assign, all pairs compared: what no centroid's rest may change.
#include "backend/table.h"

namespace dc4j {
namespace reference {

void kmeans_follow(Workers& workers, ConstMatrix x, ConstMatrix centroids, ConstMatrix,
                   int32_t* labels, float* distances, double* objective, int64_t* compared) {
  kmeans_assign(workers, x, centroids, nullptr, labels, distances, objective);
  *compared = x.rows * centroids.rows;
}

}  // namespace reference
}  // namespace dc4j
