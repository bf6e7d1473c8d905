// One pass over a row: is it finite, and how large is its largest entry.
#pragma once
#include <cmath>

#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** max |x_t - minus_t| (minus may be NULL), NaN where an x_t is not finite, infinity where the
 *  difference overflows. */
static inline float largestMagnitude(const float* x, const float* minus, int64_t d) {
  Floats largest = {}, zero = {};
  int64_t t = 0;
  for (; t + kLanes <= d; t += kLanes) {
    Floats v = *reinterpret_cast<const Floats*>(x + t);
    zero += v * 0.0f;  // stays 0 while every entry is finite
    if (minus != nullptr) v -= *reinterpret_cast<const Floats*>(minus + t);
    v = v < 0 ? -v : v;
    largest = v > largest ? v : largest;
  }
  float result = 0, finite = 0;
  for (int l = 0; l < kLanes; l++) {
    finite += zero[l];
    if (largest[l] > result) result = largest[l];
  }
  for (; t < d; t++) {
    finite += x[t] * 0.0f;
    const float v = std::fabs(x[t] - (minus == nullptr ? 0 : minus[t]));
    if (v > result) result = v;
  }
  return result + finite;
}

/** Whether every entry is finite. */
static inline bool finiteRow(const float* x, int64_t d) {
  return std::isfinite(largestMagnitude(x, nullptr, d));
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
