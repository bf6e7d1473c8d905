// Products of fp32 rows in fp32, in any order, and what they are good for beside bounds of their
// error.
#pragma once
#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/lanes.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** x.c in fp32, in any order. */
static inline float fastDot(const float* x, const float* c, int64_t d) {
  constexpr int kSums = 4;
  Floats sum[kSums] = {};
  int64_t t = 0;
  for (; t + kSums * kLanes <= d; t += kSums * kLanes) {
    for (int s = 0; s < kSums; s++) {
      sum[s] += *reinterpret_cast<const Floats*>(x + t + s * kLanes) *
                *reinterpret_cast<const Floats*>(c + t + s * kLanes);
    }
  }
  for (; t + kLanes <= d; t += kLanes) {
    sum[0] += *reinterpret_cast<const Floats*>(x + t) * *reinterpret_cast<const Floats*>(c + t);
  }
  float total = sumOf((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; t < d; t++) total += x[t] * c[t];
  return total;
}

/** At least |x|, by a share of d 2^-24 more at most; NaN or infinity where x has one. The sum of d
 * squares is off by less than (d + 2) 2^-24 of itself in any order (Higham 2002, 4.2), and by d
 * 2^-149 where squares underflow, which is less again above kLeast. */
static inline double normAbove(const float* x, int64_t d) {
  constexpr float kLeast = 1e-25f, kMost = 1e35f;
  const float squares = fastDot(x, x, d);
  const double error = 2 * static_cast<double>(d + 8) * 0x1p-24;
  if (squares > kLeast && squares < kMost && error < 0.25) {
    return std::sqrt(static_cast<double>(squares) * (1 + error));
  }
  return std::sqrt(exactDot(x, x, d));
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
