// Rows in the fixed point of core/fixed_point.h, in registers.
#pragma once
#include <cmath>

#include "core/fixed_point.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** round(v), ties to even, |v| < 2^63. */
static inline int64_t roundToInteger(double v) {
#if defined(__SSE2__)
  return _mm_cvtsd_si64(_mm_set_sd(v));
#else
  return std::llrint(v);
#endif
}

typedef int64_t Integers __attribute__((vector_size(4 * DC4J_LANES), aligned(8), may_alias));

/** round(v), ties to even, |v| < 2^62. */
static inline Integers roundToIntegers(Doubles v) {
#if defined(DC4J_AVX512)
  return reinterpret_cast<Integers>(_mm512_cvtpd_epi64(v));
#else
  // Adding 1.5 * 2^52 leaves the rounded number in the low bits, for numbers below 2^51: so once
  // for v / 2^32 and once for what is left of v. All other operations are exact, and a multiple of
  // 2^32 does not change which neighbour is even.
  constexpr double magic = 0x1.8p52;
  constexpr int64_t magic_bits = 0x4338000000000000;  // shifted left by 32: 0
  const Doubles high = v * 0x1p-32 + magic;
  const Doubles low = v - (high - magic) * 0x1p32 + magic;
  return (reinterpret_cast<Integers>(high) << 32) + reinterpret_cast<Integers>(low) - magic_bits;
#endif
}

/** sum[t] += round(x[t] * scale) */
static inline void addRow(const float* x, int64_t d, double scale, int64_t* sum) {
  int64_t t = 0;
  for (; t + kDoubles <= d; t += kDoubles) {
    *reinterpret_cast<Integers*>(sum + t) += roundToIntegers(widen(x + t) * scale);
  }
  for (; t < d; t++) sum[t] += roundToInteger(static_cast<double>(x[t]) * scale);
}

/** mean[t] = fixedPointMean(sum[t], unit, count) */
static inline void meanOfRows(const int64_t* sum, int64_t d, double unit, int64_t count,
                              float* mean) {
  const double rows = static_cast<double>(count);
  int64_t t = 0;
  for (; t + kDoubles <= d; t += kDoubles) {
    const Doubles exact =
        __builtin_convertvector(*reinterpret_cast<const Integers*>(sum + t), Doubles) * unit / rows;
    *reinterpret_cast<HalfFloats*>(mean + t) = __builtin_convertvector(exact, Halves);
  }
  for (; t < d; t++) mean[t] = fixedPointMean(sum[t], unit, count);
}

/** from[t] -= round(x[t] * scale), to[t] += the same; either may be NULL. */
static inline void moveRow(const float* x, int64_t d, double scale, int64_t* from, int64_t* to) {
  int64_t t = 0;
  for (; t + kDoubles <= d; t += kDoubles) {
    const Integers value = roundToIntegers(widen(x + t) * scale);
    if (from != nullptr) *reinterpret_cast<Integers*>(from + t) -= value;
    if (to != nullptr) *reinterpret_cast<Integers*>(to + t) += value;
  }
  for (; t < d; t++) {
    const int64_t value = roundToInteger(static_cast<double>(x[t]) * scale);
    if (from != nullptr) from[t] -= value;
    if (to != nullptr) to[t] += value;
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
