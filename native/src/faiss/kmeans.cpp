#include <dc4j/faiss.h>
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "faiss/arguments.h"
#include "faiss/cuda_pointer.h"
#include "faiss/guard.h"
#include "faiss/placed_rows.h"
#include "faiss/remote_index.h"
#include "faiss/resident_kmeans.h"
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
  requireFaissRange("device", options->device, DC4J_FAISS_CPU, INT32_MAX);
}

std::unique_ptr<::faiss::Index> exactIndex(int32_t d, const dc4j_faiss_kmeans_options& options) {
  const ::faiss::MetricType metric =
      options.spherical != 0 ? ::faiss::METRIC_INNER_PRODUCT : ::faiss::METRIC_L2;
  if (options.device == DC4J_FAISS_CPU) return std::make_unique<::faiss::IndexFlat>(d, metric);
  return std::make_unique<RemoteIndex>(options.device, d, 0, metric);
}

/** Outputs are written by the host. */
void checkOutputs(const float* centroids, const int32_t* labels, const float* distances,
                  const double* objective, const double* objectives, const int32_t* iterations) {
  requireFaissPointer(centroids, "centroids");
  requireFaissPointer(labels, "labels");
  requireFaissPointer(distances, "distances");
  requireFaissPointer(objective, "objective");
  requireFaissPointer(objectives, "objectives");
  requireFaissPointer(iterations, "iterations");
  requireHostMemory(centroids, "centroids");
  requireHostMemory(labels, "labels");
  requireHostMemory(distances, "distances");
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

/** The index holds the centroids afterwards. */
FaissClusters cluster(const float* x, int64_t n, int64_t d, int64_t k,
                      const ::faiss::ClusteringParameters& options, ::faiss::Index& index) {
  const int32_t device = cudaDeviceOf(x);
  if (device >= 0) {
    return clusterResident(*faissGpu(device).open_rows(device, x, n, d), n, k, options, index);
  }
  ::faiss::Clustering clustering(static_cast<int>(d), static_cast<int>(k), options);
  clustering.train(n, x, index);
  // With several runs some versions list the iterations of earlier ones first.
  const auto& stats = clustering.iteration_stats;
  FaissClusters result{std::move(clustering.centroids), {}};
  const size_t count = std::min(stats.size(), static_cast<size_t>(options.niter));
  for (auto at = stats.end() - static_cast<std::ptrdiff_t>(count); at != stats.end(); ++at) {
    result.objectives.push_back(static_cast<double>(at->obj));
  }
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
    checkOutputs(centroids, labels, distances, objective, objectives, iterations);
    const std::unique_ptr<::faiss::Index> index = exactIndex(static_cast<int32_t>(d), *options);
    requireRowsFor(*index, x, "x", n);
    const FaissThreads scope(threads);
    const FaissClusters found = cluster(x, n, d, k, parameters(*options), *index);
    std::copy(found.objectives.begin(), found.objectives.end(), objectives);
    *iterations = static_cast<int32_t>(found.objectives.size());
    std::copy(found.centroids.begin(), found.centroids.end(), centroids);
    *objective = assign(*index, x, n, d, labels, distances);
  });
}
