// A point in a stream's work that other streams, or the host, wait for.
#pragma once
#include <cuda_runtime_api.h>

#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {

class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "making an event"); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "recording an event"); }
  void block(cudaStream_t stream) { check(cudaStreamWaitEvent(stream, event_, 0), "waiting"); }
  void wait() { check(cudaEventSynchronize(event_), "running the kernels"); }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace cuda
}  // namespace dc4j
