// Workspace of a kernel on the device.
#pragma once
#include "cuda/cuda_state.h"
#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {

/** `count` elements of device memory, not cleared; given back in the stream's order, so that queued
 * kernels may still use them. */
template <typename T>
class DeviceArray {
 public:
  DeviceArray(CudaState& state, int64_t count) : state_(state), count_(count) {
    data_ = static_cast<T*>(state.allocate(bytes()));
  }
  ~DeviceArray() { state_.release(data_, bytes()); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  int64_t count() const { return count_; }

  /** Sets every byte. */
  void fill(int byte) {
    if (count_ == 0) return;
    check(cudaMemsetAsync(data_, byte, static_cast<size_t>(bytes()), state_.stream()), "filling");
  }

  /** The first elements, once all queued work is done. */
  void read(T* to, int64_t count) const {
    state_.copy(to, data_, count * static_cast<int64_t>(sizeof(T)));
  }
  T read() const {
    T value;
    read(&value, 1);
    return value;
  }

 private:
  int64_t bytes() const { return count_ * static_cast<int64_t>(sizeof(T)); }
  CudaState& state_;
  int64_t count_;
  T* data_;
};

}  // namespace cuda
}  // namespace dc4j
