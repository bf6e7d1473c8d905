// Numbers that a context's kernels keep from one call to the next, where those kernels run: on the
// device of a CUDA context, else on the host.
#pragma once
#include <cstdlib>
#include <cstring>

#include "core/aligned_memory.h"
#include "core/backend_state.h"
#include "core/error.h"
#include "core/workers.h"

namespace dc4j {

/** How an array is used, for where its pages come from. */
enum class Touched {
  sparsely,  // some pages, or each of them seldom: had from the system when first written
  densely    // all of them, again and again and far apart: in huge pages
};

/** `count` elements whose bytes all start as `byte`. Given back even after the context. */
template <typename T>
class KeptArray {
 public:
  KeptArray(Workers& workers, int64_t count, int byte = 0, Touched touched = Touched::sparsely)
      : state_(workers.backend()) {
    const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
    if (state_ != nullptr) {
      give_back_ = state_->giveBack();
      data_ = static_cast<T*>(state_->keep(bytes, byte));
      return;
    }
    const auto size = static_cast<size_t>(bytes > 0 ? bytes : 1);
    // calloc: pages are had from the system when first written.
    data_ = static_cast<T*>(byte == 0 ? std::calloc(size, 1) : std::malloc(size));
    if (data_ == nullptr) {
      throw Error(DC4J_OUT_OF_MEMORY, text("cannot allocate ", bytes, " bytes"));
    }
    if (touched == Touched::densely) preferHugePages(data_, size);
    if (byte != 0) std::memset(data_, byte, size);
  }
  ~KeptArray() { give_back_(data_); }
  KeptArray(const KeptArray&) = delete;
  KeptArray& operator=(const KeptArray&) = delete;

  T* data() const { return data_; }

  /** Takes the first `count` of an array of either place. */
  void assign(const T* from, int64_t count) { move(data_, from, count); }
  /** Writes the first `count` to an array of either place. */
  void write(T* to, int64_t count) const { move(to, data_, count); }

 private:
  void move(T* to, const T* from, int64_t count) const {
    if (count == 0) return;
    if (state_ != nullptr) {
      state_->copy(to, from, count * static_cast<int64_t>(sizeof(T)));
    } else {
      std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
    }
  }

  BackendState* state_;
  void (*give_back_)(void*) = std::free;
  T* data_;
};

}  // namespace dc4j
