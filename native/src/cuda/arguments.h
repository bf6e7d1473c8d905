// A slot's arguments in the place its code needs them. What lies there already is used as it is;
// the rest is copied there, and results are copied back by finish(). One object per call:
//
//   Arguments device(state, Place::device);
//   const ConstMatrix rows = device.in(x);
//   float* to = device.out(distances, n);
//   ... queue kernels on state.stream() ...
//   device.finish();
#pragma once
#include <vector>

#include "core/view.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {

class Arguments {
 public:
  /** @param place host or device: where the code that uses the arguments reads and writes */
  Arguments(CudaState& state, Place place) : state_(state), place_(place) {}
  /** Gives the copies back. Without finish() no result is written. */
  ~Arguments();
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  // NULL and empty arguments stay what they are. A copy of a matrix is dense.
  ConstMatrix in(ConstMatrix matrix);
  Matrix out(Matrix matrix);
  Matrix inOut(Matrix matrix);
  template <typename T>
  const T* in(const T* values, int64_t count) {
    return static_cast<const T*>(array(const_cast<T*>(values), bytes<T>(count), true, false));
  }
  template <typename T>
  T* out(T* values, int64_t count) {
    return static_cast<T*>(array(values, bytes<T>(count), false, true));
  }
  template <typename T>
  T* inOut(T* values, int64_t count) {
    return static_cast<T*>(array(values, bytes<T>(count), true, true));
  }

  /** Copies the results to where they belong and waits for all queued work. */
  void finish();

 private:
  struct Copy {
    void* given;
    void* copy;
    int64_t row_bytes, rows, stride_bytes;  // of `given`; the copy is dense
    bool back;
  };
  template <typename T>
  static int64_t bytes(int64_t count) {
    return count * static_cast<int64_t>(sizeof(T));
  }
  bool isThere(const void* pointer);
  void* array(void* values, int64_t bytes, bool there, bool back);
  Matrix matrix(Matrix given, bool there, bool back);
  void* stage(void* given, int64_t row_bytes, int64_t rows, int64_t stride_bytes, bool there,
              bool back);

  CudaState& state_;
  Place place_;
  std::vector<Copy> copies_;
};

}  // namespace cuda
}  // namespace dc4j
