// Arguments that may lie on a device: what the entry points themselves read or write of them.
#pragma once
#include <vector>

#include "core/backend_state.h"
#include "core/error.h"
#include "core/view.h"
#include "core/workers.h"

namespace dc4j {

/** Whether the host can read `pointer`. Throws where it belongs to another device than the
 * context's. */
bool onHost(Workers& workers, const void* pointer, const char* name);

/** An array to read on the host: itself, or a copy of what lies on the device. */
template <typename T>
class HostArray {
 public:
  HostArray(Workers& workers, const T* pointer, int64_t count, const char* name) : data_(pointer) {
    if (pointer == nullptr || count == 0 || onHost(workers, pointer, name)) return;
    copy_.resize(static_cast<size_t>(count));
    workers.backend()->copy(copy_.data(), pointer, count * static_cast<int64_t>(sizeof(T)));
    data_ = copy_.data();
  }
  HostArray(const HostArray&) = delete;
  HostArray& operator=(const HostArray&) = delete;
  const T* data() const { return data_; }
  const T& operator[](int64_t i) const { return data_[i]; }

 private:
  const T* data_;
  std::vector<T> copy_;
};

/** A matrix to read or write on the host: itself, or dense rows of the host with what lies on the
 * device. write() copies them back there. */
class HostMatrix {
 public:
  HostMatrix(Workers& workers, Matrix matrix, const char* name);
  /** Rows that are read only; write() is not for them. */
  HostMatrix(Workers& workers, ConstMatrix matrix, const char* name);
  HostMatrix(const HostMatrix&) = delete;
  HostMatrix& operator=(const HostMatrix&) = delete;
  Matrix view() { return view_; }
  void write();

 private:
  Workers& workers_;
  Matrix from_, view_;
  std::vector<float> copy_;
};

// The checks of core/checks.h for arrays of either place.
void requireLabels(Workers& workers, const int32_t* labels, int64_t n, int64_t lowest, int64_t k,
                   const char* name = "labels");
void requireExcluded(Workers& workers, const int64_t* exclude, int64_t n, int64_t rows);
void requireWeights(Workers& workers, const float* weights, int64_t k);
void requireCounts(Workers& workers, const int64_t* counts, int64_t k, int64_t n);

}  // namespace dc4j
