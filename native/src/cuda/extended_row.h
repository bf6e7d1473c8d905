// A row moved from one memory row towards another, in fp64: what extend_rows and its gradient
// share.
#pragma once
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

struct Extension {
  ConstMatrix memory;
  const int32_t *own, *other;  // [n], of all rows
  double lambda;
};

/** One row's; NULL where it is not moved. */
struct RowExtension {
  const float *x, *from, *towards;
  double lambda;
};

__device__ inline RowExtension extensionOf(const float* x, const Extension& extension, int64_t i) {
  const int64_t own = extension.own[i], other = extension.other[i];
  if (own < 0 || other < 0) return {x, nullptr, nullptr, 0};
  return {x, rowAt(extension.memory, own), rowAt(extension.memory, other), extension.lambda};
}

/** Element t of v = x + lambda (c_other - c_own), or of x alone. */
__device__ inline double extended(const RowExtension& row, int64_t t) {
  const double x = static_cast<double>(row.x[t]);
  if (row.from == nullptr) return x;
  return x + row.lambda * (static_cast<double>(row.towards[t]) - static_cast<double>(row.from[t]));
}

}  // namespace cuda
}  // namespace dc4j
