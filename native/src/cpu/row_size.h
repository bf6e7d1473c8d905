// How long a row is and its largest entry, in one pass: a bound where the search needs no more.
#pragma once
#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/lanes.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct RowSize {
  double norm;  // NaN or infinity: the row is not finite
  float peak;   // max |x_t|
};

/** At least |x|, by a factor of 1 + (d / lanes + 64) 2^-24 at most: squares summed in fp32 with as
 * many roundings. In fp64 where their sum could leave fp32's range, or where `exact` is asked for.
 */
static inline RowSize rowSize(const float* x, int64_t d, bool exact) {
  constexpr int kSums = 4;
  Floats sum[kSums] = {}, most[kSums] = {};
  const auto add = [&](int s, int64_t t) {
    const Floats v = *reinterpret_cast<const Floats*>(x + t);
    const Floats size = v < 0 ? -v : v;
    sum[s] += v * v;
    most[s] = size > most[s] ? size : most[s];
  };
  int64_t t = 0;
  for (; t + kSums * kLanes <= d; t += kSums * kLanes) {
    for (int s = 0; s < kSums; s++) add(s, t + s * kLanes);
  }
  for (; t + kLanes <= d; t += kLanes) add(0, t);
  const auto greater = [](const auto& a, const auto& b) { return a > b ? a : b; };
  float peak = maxOf(greater(greater(most[0], most[1]), greater(most[2], most[3])));
  float total = sumOf((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; t < d; t++) {
    total += x[t] * x[t];
    peak = greater(peak, std::fabs(x[t]));
  }
  if (exact || !(total > 1e-20F && total < 1e36F)) return {std::sqrt(exactDot(x, x, d)), peak};
  const double error = static_cast<double>(d / kLanes + 64) * 0x1p-24;
  return {std::sqrt(static_cast<double>(total) * (1 + 2 * error)), peak};
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
