#include "cuda/arguments.h"

#include <cstdlib>

namespace dc4j {
namespace cuda {

Arguments::~Arguments() {
  // Work that an error left queued may still use them.
  if (!copies_.empty()) cudaStreamSynchronize(state_.stream());
  for (const Copy& copy : copies_) {
    if (place_ == Place::device) {
      state_.release(copy.copy, copy.row_bytes * copy.rows);
    } else {
      std::free(copy.copy);
    }
  }
}

ConstMatrix Arguments::in(ConstMatrix given) {
  return matrix({const_cast<float*>(given.data), given.rows, given.cols, given.stride}, true,
                false);
}
Matrix Arguments::out(Matrix given) { return matrix(given, false, true); }
Matrix Arguments::inOut(Matrix given) { return matrix(given, true, true); }

bool Arguments::isThere(const void* pointer) {
  const Place place = state_.placeOf(pointer);
  if (place == Place::elsewhere) {
    invalid("an array lies on another CUDA device; accepted: host memory, or the context's");
  }
  return place == place_ || place == Place::both;
}

Matrix Arguments::matrix(Matrix given, bool there, bool back) {
  if (given.data == nullptr || given.rows == 0 || given.cols == 0) return given;
  if (isThere(given.data)) return given;
  const int64_t element = static_cast<int64_t>(sizeof(float));
  void* copy =
      stage(given.data, given.cols * element, given.rows, given.stride * element, there, back);
  return {static_cast<float*>(copy), given.rows, given.cols, given.cols};
}

void* Arguments::array(void* values, int64_t bytes, bool there, bool back) {
  if (values == nullptr || bytes == 0 || isThere(values)) return values;
  return stage(values, bytes, 1, bytes, there, back);
}

void* Arguments::stage(void* given, int64_t row_bytes, int64_t rows, int64_t stride_bytes,
                       bool there, bool back) {
  void* copy = nullptr;
  if (place_ == Place::device) {
    copy = state_.allocate(row_bytes * rows);
  } else {
    copy = std::malloc(static_cast<size_t>(row_bytes * rows));
    if (copy == nullptr) {
      throw Error(DC4J_OUT_OF_MEMORY, text("cannot allocate ", row_bytes * rows, " bytes"));
    }
  }
  copies_.push_back({given, copy, row_bytes, rows, stride_bytes, back});
  if (there) {
    state_.copyRows({static_cast<unsigned char*>(copy), row_bytes},
                    {static_cast<unsigned char*>(given), stride_bytes}, row_bytes, rows);
    if (place_ == Place::host) state_.synchronize();
  }
  return copy;
}

void Arguments::finish() {
  for (const Copy& copy : copies_) {
    if (!copy.back) continue;
    state_.copyRows({static_cast<unsigned char*>(copy.given), copy.stride_bytes},
                    {static_cast<unsigned char*>(copy.copy), copy.row_bytes}, copy.row_bytes,
                    copy.rows);
  }
  state_.synchronize();
}

}  // namespace cuda
}  // namespace dc4j
