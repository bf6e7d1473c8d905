// faiss::Clustering for rows that stay on a CUDA device: FAISS's own reads them on the host.
#pragma once
#include <faiss/Clustering.h>

#include <vector>

#include "faiss/gpu_library.h"

namespace dc4j {

struct FaissClusters {
  std::vector<float> centroids;    // [k x d]
  std::vector<double> objectives;  // of the best run, before each update
};

/** The steps of faiss::Clustering 1.7.3 with its random numbers and its order of sums: the same
 *  centroids as over the same rows in host memory, if `index` finds the same neighbours. Crosses to
 *  the host: centroids, labels and distances of each iteration.
 *  @param rows [n x d] @param k 1..n
 *  @param index flat, of rows of width d; holds the centroids afterwards */
FaissClusters clusterResident(const GpuRows& rows, int64_t n, int64_t k,
                              const ::faiss::ClusteringParameters& parameters,
                              ::faiss::Index& index);

}  // namespace dc4j
