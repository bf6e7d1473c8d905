#include <dc4j/faiss.h>
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <algorithm>
#include <vector>

#include "faiss/arguments.h"
#include "faiss/guard.h"
#include "faiss/threads.h"

namespace dc4j {
namespace {

constexpr int64_t kAssignRows = 1 << 16;

void checkOptions(const dc4j_faiss_kmeans_options* options) {
  requireFaissPointer(options, "options");
  requireFaissRange("niter", options->niter, 1, 1 << 20);
  requireFaissRange("nredo", options->nredo, 1, 64);
  requireFaissRange("seed", options->seed, 0, (1 << 30) - 1);
  requireFaissRange("max_points_per_centroid", options->max_points_per_centroid, 1, INT32_MAX);
}

::faiss::ClusteringParameters parameters(const dc4j_faiss_kmeans_options& options) {
  ::faiss::ClusteringParameters result;
  result.niter = options.niter;
  result.nredo = options.nredo;
  result.seed = options.seed;
  result.spherical = options.spherical != 0;
  result.max_points_per_centroid = options.max_points_per_centroid;
  result.min_points_per_centroid = 1;  // fewer make it warn on standard error
  return result;
}

/** Nearest centroid of every row; the ids come in blocks, since FAISS's have 64 bits. */
double assign(const ::faiss::Index& centroids, const float* x, int64_t n, int64_t d,
              int32_t* labels, float* distances) {
  std::vector<int64_t> ids(static_cast<size_t>(std::min(n, kAssignRows)));
  double sum = 0;
  for (int64_t from = 0; from < n; from += kAssignRows) {
    const int64_t rows = std::min(kAssignRows, n - from);
    centroids.search(rows, x + from * d, 1, distances + from, ids.data());
    for (int64_t i = 0; i < rows; i++) {
      labels[from + i] = static_cast<int32_t>(ids[i]);
      sum += static_cast<double>(distances[from + i]);
    }
  }
  return sum;
}

}  // namespace
}  // namespace dc4j

using namespace dc4j;

extern "C" dc4j_status dc4j_faiss_kmeans(const float* x, int64_t n, int64_t d, int64_t k,
                                         const dc4j_faiss_kmeans_options* options, int32_t threads,
                                         float* centroids, int32_t* labels, float* distances,
                                         double* objective, double* objectives,
                                         int32_t* iterations) {
  return faissGuard([&] {
    checkOptions(options);
    requireFaissDims(d, "d");
    requireFaissRange("n", n, 1, INT32_MAX);
    requireFaissRange("k", k, 1, n);
    requireFaissRows(x, "x", n, d);
    requireFaissPointer(centroids, "centroids");
    requireFaissPointer(labels, "labels");
    requireFaissPointer(distances, "distances");
    requireFaissPointer(objective, "objective");
    requireFaissPointer(objectives, "objectives");
    requireFaissPointer(iterations, "iterations");
    const FaissThreads scope(threads);
    ::faiss::IndexFlat index(static_cast<int>(d), options->spherical != 0
                                                      ? ::faiss::METRIC_INNER_PRODUCT
                                                      : ::faiss::METRIC_L2);
    ::faiss::Clustering clustering(static_cast<int>(d), static_cast<int>(k), parameters(*options));
    clustering.train(n, x, index);
    // With several runs some versions list the iterations of earlier ones first.
    const auto& stats = clustering.iteration_stats;
    const size_t count = std::min(stats.size(), static_cast<size_t>(options->niter));
    std::transform(stats.end() - static_cast<std::ptrdiff_t>(count), stats.end(), objectives,
                   [](const auto& iteration) { return static_cast<double>(iteration.obj); });
    *iterations = static_cast<int32_t>(count);
    std::copy(clustering.centroids.begin(), clustering.centroids.end(), centroids);
    *objective = assign(index, x, n, d, labels, distances);
  });
}
