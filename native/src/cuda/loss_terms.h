// Sums and counts over the rows of a loss, on the device. All are queued.
#pragma once
#include "cuda/device_array.h"

namespace dc4j {
namespace cuda {

/** *count = number of i < n with first[i] >= 0, and second[i] >= 0 unless second is NULL. */
void countKept(CudaState& state, const int32_t* first, const int32_t* second, int64_t n,
               int64_t* count);

/** *to = sum of n values in fp64, in an order that depends on n alone. */
void sumInOrder(CudaState& state, const double* values, int64_t n, double* to);

/** *loss = *sum / *count, 0 where count is 0. */
void meanOf(CudaState& state, const double* sum, const int64_t* count, double* loss);

}  // namespace cuda
}  // namespace dc4j
