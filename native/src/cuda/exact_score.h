// The sums of core/exact_score.h with lane l of a warp as lane l of the sum: the same bits. Called
// by all lanes; every lane gets the result.
#pragma once
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

/** Products of two fp32 values are exact in fp64. */
__device__ inline double exactDot(const float* a, const float* b, int64_t d) {
  double sum = 0;
  for (int64_t t = laneOf(); t < d; t += kWarp) sum += static_cast<double>(a[t]) * b[t];
  return foldLanes(sum);
}

__device__ inline double exactSquaredDistance(const float* x, const float* c, int64_t d) {
  double sum = 0;
  for (int64_t t = laneOf(); t < d; t += kWarp) {
    const double difference = static_cast<double>(x[t]) - static_cast<double>(c[t]);
    sum = fma(difference, difference, sum);
  }
  return foldLanes(sum);
}

}  // namespace cuda
}  // namespace dc4j
