// The fixed point of kmeans_update: integers v * 2^s whose sums over n rows cannot overflow 64
// bits.
#pragma once
#include <cmath>
#include <cstdint>

namespace dc4j {

/** s = 62 - ceil(log2(n + 1)) - e, where max |x| < 2^e (frexp), so every |v * 2^s| <= 2^62 / (n +
 * 1). Data that are all zero take e = 0. e lies in -148..128, so 2^s and 2^-s are normal fp64
 * numbers. */
inline int fixedPointShift(int64_t n, float largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  int bits = 0;
  while (bits < 62 && (INT64_C(1) << bits) < n + 1) bits++;
  return 62 - bits - exponent;
}

/** The mean of `count` rows whose fixed-point sum is `sum`. `unit` is 2^-s. */
inline float fixedPointMean(int64_t sum, double unit, int64_t count) {
  return static_cast<float>(static_cast<double>(sum) * unit / static_cast<double>(count));
}

}  // namespace dc4j
