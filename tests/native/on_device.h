// Test data in the memory of a context's device.
#pragma once
#include <dc4j/device.h>

#include <vector>

#include "backends.h"

/** Values on the context's device. */
template <typename T>
class OnDevice {
 public:
  OnDevice(const TestContext& test, const std::vector<T>& values)
      : test_(test), bytes_(int64_t(values.size() * sizeof(T))) {
    void* memory = nullptr;
    CHECK(dc4j_context_alloc(test.context, bytes_, &memory) == DC4J_OK, << dc4j_last_error());
    data_ = static_cast<T*>(memory);
    write(values);
  }
  ~OnDevice() { CHECK(dc4j_context_free(test_.context, data_, bytes_) == DC4J_OK); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  void write(const std::vector<T>& values) {
    CHECK(dc4j_context_copy(test_.context, data_, values.data(), bytes_) == DC4J_OK,
          << dc4j_last_error());
  }
  std::vector<T> read() const {
    std::vector<T> values(size_t(bytes_) / sizeof(T));
    CHECK(dc4j_context_copy(test_.context, values.data(), data_, bytes_) == DC4J_OK,
          << dc4j_last_error());
    return values;
  }
  T* data() const { return data_; }

 private:
  const TestContext& test_;
  int64_t bytes_;
  T* data_ = nullptr;
};

/** A device copy of a matrix, padding and all, with a view of it. */
struct DeviceMatrix {
  OnDevice<float> values;
  dc4j_matrix view;
  DeviceMatrix(const TestContext& test, const TestMatrix& from)
      : values(test, from.values), view(from.view) {
    view.data = values.data();
    view.place = DC4J_CUDA;
  }
};
