// Row-major views inside the core; the ABI has already checked shape, stride and place.
#pragma once
#include <cstdint>

namespace dc4j {

struct ConstMatrix {
  const float* data;
  int64_t rows;
  int64_t cols;
  int64_t stride;
  const float* row(int64_t i) const { return data + i * stride; }
};

struct Matrix {
  float* data;
  int64_t rows;
  int64_t cols;
  int64_t stride;
  float* row(int64_t i) const { return data + i * stride; }
  operator ConstMatrix() const { return {data, rows, cols, stride}; }
};

/** A plain array as one row, no row if it is NULL. */
inline ConstMatrix rowOf(const float* values, int64_t count) {
  return {values, values == nullptr ? 0 : 1, count, count};
}

}  // namespace dc4j
