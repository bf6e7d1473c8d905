// The kernels of covariance_add, queued. All arrays lie on the device.
#pragma once
#include "core/view.h"
#include "cuda/checks.h"

namespace dc4j {
namespace cuda {

struct ShiftedRows {
  ConstMatrix x;       // [r x d]
  const float* shift;  // [d]
  unsigned* largest;   // out: the bits of a float, half the largest |x - shift|
  float* shifted;      // [r x d] out: fl((x - shift) 2^-e), |.| <= 1; e of `largest` (scaleOf)
  uint16_t* rounded;   // [r x d] out: the same in bf16, or NULL
  double* sum;         // [d] += x - shift as rounded in `shifted`, rows in order
};

/** Shifts, scales and sums a block of rows. */
void shiftRows(CudaState& state, const ShiftedRows& rows);

/** scatter [d x d] += products [d x d] 2^2e, upper triangle. */
void addProducts(CudaState& state, const float* products, int64_t d, const unsigned* largest,
                 double* scatter);

/** to [rows x d] += from [rows x d]: the upper triangle of a square, all of a row. */
void addInto(CudaState& state, const double* from, int64_t rows, int64_t d, double* to);

}  // namespace cuda
}  // namespace dc4j
