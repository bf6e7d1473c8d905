// Uninitialised memory aligned to a cache line, for the tiers (which use no standard containers).
#pragma once
#include <cstdlib>
#include <new>

#include "core/aligned_memory.h"
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

template <typename T>
class Buffer {
 public:
  explicit Buffer(int64_t count) {
    data_ = static_cast<T*>(allocateAligned(static_cast<size_t>(count) * sizeof(T) + 64));
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~Buffer() { std::free(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  T* data() const { return data_; }
  T& operator[](int64_t i) const { return data_[i]; }

 private:
  T* data_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
