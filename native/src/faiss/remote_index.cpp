#include "faiss/remote_index.h"

#include <dc4j/faiss.h>

#include "core/error.h"
#include "faiss/arguments.h"
#include "faiss/cuda_pointer.h"
#include "faiss/resident_kmeans.h"

namespace dc4j {

// GpuIndex's selection kernels keep no more.
constexpr int64_t kMostProbes = 2048;

RemoteIndex::RemoteIndex(int32_t device, int32_t dims, int32_t lists, ::faiss::MetricType metric)
    : ::faiss::Index(dims, metric), device_(device), lists_(lists) {
  remote_ = faissGpu(device).make_index(
      device, dims, lists, metric == ::faiss::METRIC_L2 ? DC4J_FAISS_L2 : DC4J_FAISS_INNER_PRODUCT);
  refresh();
}

void RemoteIndex::refresh() {
  ntotal = remote_->size();
  is_trained = remote_->isTrained();
}

void RemoteIndex::train(int64_t n, const float* x) {
  if (lists_ == 0 || is_trained) return;
  if (cudaDeviceOf(x) < 0) {
    remote_->train(n, x);
  } else {
    // What FAISS does to find lists; it would fetch the rows for it.
    ::faiss::ClusteringParameters parameters;
    parameters.niter = 10;
    parameters.spherical = metric_type == ::faiss::METRIC_INNER_PRODUCT;
    RemoteIndex centres(device_, d, 0, metric_type);
    const auto rows = faissGpu(device_).open_rows(device_, x, n, d);
    remote_->setLists(clusterResident(*rows, n, lists_, parameters, centres).centroids.data());
  }
  refresh();
}

void RemoteIndex::add(int64_t n, const float* x) {
  remote_->add(n, x);
  refresh();
}

void RemoteIndex::search(int64_t n, const float* x, int64_t k, float* distances, int64_t* ids,
                         const ::faiss::SearchParameters*) const {
  remote_->search(n, x, k, distances, ids);
}

void RemoteIndex::reset() {
  remote_->reset();
  refresh();
}

void RemoteIndex::setNprobe(int64_t lists) {
  if (lists_ == 0) invalid("parameter is 'nprobe', but the index has no inverted lists");
  requireFaissRange("nprobe", lists, 1, std::min<int64_t>(lists_, kMostProbes));
  remote_->setNprobe(lists);
}

}  // namespace dc4j
