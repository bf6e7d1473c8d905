// The memory a worker renders its images in: grown when an image needs more, never per image.
#pragma once
#include <cstdlib>
#include <new>

#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Uninitialised memory, 64 bytes larger than asked so that whole registers may run over its end.
 */
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { std::free(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  /** Room for `count` values; what the buffer held before is lost. */
  template <typename T>
  T* room(int64_t count) {
    const int64_t bytes = (count * static_cast<int64_t>(sizeof(T)) + 127) / 64 * 64;
    if (bytes > bytes_) {
      std::free(data_);
      bytes_ = 0;
      data_ = std::aligned_alloc(64, static_cast<size_t>(bytes));
      if (data_ == nullptr) throw std::bad_alloc();
      bytes_ = bytes;
    }
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};

struct Scratch {
  Buffer row_bounds, row_weights, column_bounds, column_weights, values;
  Buffer tile, tile_out, across, window, planes, mean;
  Buffer sums, padded, blurred;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
