// Re-seeds clusters of count 0, in index order (core/empty_clusters.h chooses). x [n x d],
// centroids [k x d]; O(k + n log n) once, then d per empty cluster, so no tier has a faster form.
//  faiss: c_e = c_j of the donor j, then even coordinates of c_e are multiplied by 1 + 1/1024 and
//  odd ones by 1 - 1/1024, those of c_j the other way round; what fp32 cannot hold stays its
//  largest. No cluster with 2 rows: nothing is filled. farthest: c_e = the row.
#include <algorithm>
#include <cfloat>

#include "backend/table.h"
#include "core/checks.h"
#include "core/empty_clusters.h"

namespace dc4j {
namespace reference {
namespace {

void split(Matrix centroids, int64_t donor, int64_t empty) {
  const float up = 1 + 1 / 1024.0f, down = 1 - 1 / 1024.0f;
  for (int64_t t = 0; t < centroids.cols; t++) {
    const float value = centroids.row(donor)[t];
    const float larger = std::clamp(value * up, -FLT_MAX, FLT_MAX), smaller = value * down;
    centroids.row(empty)[t] = t % 2 == 0 ? larger : smaller;
    centroids.row(donor)[t] = t % 2 == 0 ? smaller : larger;
  }
}

template <typename Fill>
int64_t fillAll(int64_t k, const int64_t* counts, const Fill& fill) {
  int64_t filled = 0;
  for (int64_t j = 0; j < k; j++) {
    if (counts[j] == 0 && fill(j)) filled++;
  }
  return filled;
}

}  // namespace

void kmeans_fill_empty(Workers&, ConstMatrix x, const int32_t* labels, const float* distances,
                       int32_t policy, uint64_t seed, Matrix centroids, int64_t* counts,
                       int64_t* filled) {
  *filled = 0;
  const int64_t k = centroids.rows;
  if (policy == DC4J_EMPTY_KEEP || std::count(counts, counts + k, 0) == 0) return;
  requireFinite(centroids, "centroids");
  if (policy == DC4J_EMPTY_FAISS) {
    FaissDonors donors(seed, k, counts);
    *filled = fillAll(k, counts, [&](int64_t empty) {
      const int64_t donor = donors.donorFor(empty);
      if (donor >= 0) split(centroids, donor, empty);
      return donor >= 0;
    });
  } else {
    requireFinite(x, "x");
    requireDistances(distances, x.rows);
    FarthestDonors donors(x.rows, labels, distances, counts);
    *filled = fillAll(k, counts, [&](int64_t empty) {
      const int64_t row = donors.rowFor(empty);
      if (row >= 0) std::copy(x.row(row), x.row(row) + x.cols, centroids.row(empty));
      return row >= 0;
    });
  }
}

}  // namespace reference
}  // namespace dc4j
