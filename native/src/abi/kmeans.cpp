#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/checks.h"

namespace dc4j {

static void requireClusters(ConstMatrix x, ConstMatrix centroids, int64_t lowest) {
  requireCols(centroids, "centroids", x.cols);
  if (centroids.rows < lowest || centroids.rows > INT32_MAX) {
    invalid(text("centroids has ", centroids.rows, " rows; accepted: ", lowest, "..", INT32_MAX));
  }
}

static void requireApart(const float* distances, const char* name, ConstMatrix x,
                         ConstMatrix centroids) {
  requireDisjoint(rowOf(distances, x.rows), name, x, "x");
  requireDisjoint(rowOf(distances, x.rows), name, centroids, "centroids");
}

}  // namespace dc4j

using namespace dc4j;

extern "C" {

dc4j_status dc4j_kmeans_assign(dc4j_context* context, const dc4j_matrix* x,
                               const dc4j_matrix* centroids, int32_t* labels, float* distances,
                               double* objective) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), means = input(workers, centroids, "centroids");
    requireClusters(rows, means, 1);
    requirePointer(labels, "labels", rows.rows);
    requireApart(distances, "distances", rows, means);
    kernels.kmeans_assign(workers, rows, means, nullptr, labels, distances, objective);
  });
}

dc4j_status dc4j_kmeans_reassign(dc4j_context* context, const dc4j_matrix* x,
                                 const dc4j_matrix* centroids, int32_t* labels, float* distances,
                                 double* objective) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), means = input(workers, centroids, "centroids");
    requireClusters(rows, means, 1);
    requirePointer(labels, "labels", rows.rows);
    requireApart(distances, "distances", rows, means);
    kernels.kmeans_assign(workers, rows, means, labels, labels, distances, objective);
  });
}

dc4j_status dc4j_kmeans_follow(dc4j_context* context, const dc4j_matrix* x,
                               const dc4j_matrix* centroids, const dc4j_matrix* previous,
                               int32_t* labels, float* distances, double* objective,
                               int64_t* compared) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), means = input(workers, centroids, "centroids");
    const ConstMatrix before = input(workers, previous, "previous");
    requireClusters(rows, means, 1);
    requireShape(before, "previous", means.rows, means.cols);
    requirePointer(labels, "labels", rows.rows);
    requireApart(distances, "distances", rows, means);
    requireDisjoint(rowOf(distances, rows.rows), "distances", before, "previous");
    int64_t pairs = 0;
    kernels.kmeans_follow(workers, rows, means, before, labels, distances, objective, &pairs);
    if (compared != nullptr) *compared = pairs;
  });
}

dc4j_status dc4j_kmeans_assign2(dc4j_context* context, const dc4j_matrix* x,
                                const dc4j_matrix* centroids, int32_t* first, int32_t* second,
                                float* first_distances, float* second_distances) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), means = input(workers, centroids, "centroids");
    requireClusters(rows, means, 2);
    requirePointer(first, "first", rows.rows);
    requirePointer(second, "second", rows.rows);
    if ((first_distances == nullptr) != (second_distances == nullptr) && rows.rows > 0) {
      invalid("one of first_distances and second_distances is NULL; accepted: both or none");
    }
    requireApart(first_distances, "first_distances", rows, means);
    requireApart(second_distances, "second_distances", rows, means);
    requireDisjoint(rowOf(first_distances, rows.rows), "first_distances",
                    rowOf(second_distances, rows.rows), "second_distances");
    kernels.kmeans_assign2(workers, rows, means, first, second, first_distances, second_distances);
  });
}

dc4j_status dc4j_kmeans_update(dc4j_context* context, const dc4j_matrix* x, const int32_t* labels,
                               dc4j_matrix* centroids, int64_t* counts) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x");
    const Matrix means = output(workers, centroids, "centroids");
    requireClusters(rows, means, 1);
    requirePointer(labels, "labels", rows.rows);
    requirePointer(counts, "counts");
    requireLabels(workers, labels, rows.rows, -1, means.rows);
    requireDisjoint(rows, "x", means, "centroids");
    kernels.kmeans_update(workers, rows, labels, means, counts);
  });
}

dc4j_status dc4j_kmeans_seed(dc4j_context* context, const dc4j_matrix* x, int32_t method,
                             uint64_t seed, dc4j_matrix* centroids, int64_t* rows) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix from = input(workers, x, "x");
    const Matrix means = output(workers, centroids, "centroids");
    requireClusters(from, means, 1);
    if (means.rows > from.rows) {
      invalid(text("centroids has ", means.rows, " rows, more than the ", from.rows, " of x"));
    }
    if (method != DC4J_SEED_RANDOM && method != DC4J_SEED_KMEANS_PLUS_PLUS) {
      invalid(text("method is ", method, "; accepted: 0 (random), 1 (k-means++)"));
    }
    requireDisjoint(from, "x", means, "centroids");
    kernels.kmeans_seed(workers, from, method, seed, means, rows);
  });
}

dc4j_status dc4j_kmeans_fill_empty(dc4j_context* context, const dc4j_matrix* x,
                                   const int32_t* labels, const float* distances, int32_t policy,
                                   uint64_t seed, dc4j_matrix* centroids, int64_t* counts,
                                   int64_t* filled) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x");
    const Matrix means = output(workers, centroids, "centroids");
    requireClusters(rows, means, 1);
    if (policy < DC4J_EMPTY_KEEP || policy > DC4J_EMPTY_FARTHEST) {
      invalid(text("policy is ", policy, "; accepted: 0 (keep), 1 (faiss), 2 (farthest)"));
    }
    requirePointer(counts, "counts");
    requirePointer(filled, "filled");
    requireCounts(workers, counts, means.rows, rows.rows);
    if (policy == DC4J_EMPTY_FARTHEST) {
      requirePointer(labels, "labels", rows.rows);
      requirePointer(distances, "distances", rows.rows);
      requireLabels(workers, labels, rows.rows, -1, means.rows);
      requireDisjoint(rows, "x", means, "centroids");
      requireDisjoint(rowOf(distances, rows.rows), "distances", means, "centroids");
    }
    kernels.kmeans_fill_empty(workers, rows, labels, distances, policy, seed, means, counts,
                              filled);
  });
}

}  // extern "C"
