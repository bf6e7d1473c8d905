// A faiss::Index whose vectors lie on a CUDA device, so that FAISS's own code on the CPU
// (clustering, searches) runs over it as over any other.
#pragma once
#include <faiss/Index.h>

#include "faiss/gpu_library.h"

namespace dc4j {

class RemoteIndex : public ::faiss::Index {
 public:
  /** @param lists 0: flat; else inverted lists over flat vectors
   *  Throws DC4J_UNSUPPORTED unless FAISS can be used on CUDA device `device`. */
  RemoteIndex(int32_t device, int32_t dims, int32_t lists, ::faiss::MetricType metric);

  /** x may lie on the device: then it stays there. */
  void train(int64_t n, const float* x) override;
  void add(int64_t n, const float* x) override;
  void search(int64_t n, const float* x, int64_t k, float* distances, int64_t* ids,
              const ::faiss::SearchParameters* parameters = nullptr) const override;
  void reset() override;

  void setNprobe(int64_t lists);
  int32_t device() const { return device_; }
  /** 0 if the index is flat. */
  int32_t lists() const { return lists_; }
  const GpuIndex& remote() const { return *remote_; }

 private:
  void refresh();
  int32_t device_, lists_;
  std::unique_ptr<GpuIndex> remote_;
};

}  // namespace dc4j
