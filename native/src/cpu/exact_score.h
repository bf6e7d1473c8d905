// The sums of core/exact_score.h in registers: the same 32 lanes, hence the same bits.
#pragma once
#include <cmath>

#include "cpu/tier.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int kDoubles = kLanes / 2;
constexpr int kExactRegisters = 32 / kDoubles;

typedef float HalfFloats __attribute__((vector_size(2 * DC4J_LANES), aligned(4), may_alias));
/** The same by value. */
typedef float Halves __attribute__((vector_size(2 * DC4J_LANES)));

static inline Doubles widen(const float* x) {
  // gcc 12 makes two conversions and an insertion of __builtin_convertvector.
#if defined(DC4J_AVX512)
  return _mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(x));  // unmasked: a false warning of gcc's
#elif defined(DC4J_TIER_avx2)
  return _mm256_cvtps_pd(_mm_loadu_ps(x));
#else
  return __builtin_convertvector(*reinterpret_cast<const HalfFloats*>(x), Doubles);
#endif
}

/** a * a + sum with one rounding. */
static inline Doubles squareAdd(Doubles a, Doubles sum) {
#if defined(DC4J_AVX512)
  return _mm512_fmadd_pd(a, a, sum);
#elif defined(DC4J_TIER_avx2)
  return _mm256_fmadd_pd(a, a, sum);
#else
  for (int l = 0; l < kDoubles; l++) sum[l] = std::fma(a[l], a[l], sum[l]);
  return sum;
#endif
}

/** The last d % 32 elements, then lane[l] += lane[l + s] for s = 16, 8, 4, 2, 1: whole registers
 * while they last. tail(lane) adds the elements. */
template <typename Tail>
static inline double foldLanes(Doubles* sum, bool has_tail, const Tail& tail) {
  alignas(64) double lane[32];
  if (has_tail) {
    for (int r = 0; r < kExactRegisters; r++) {
      *reinterpret_cast<Doubles*>(lane + r * kDoubles) = sum[r];
    }
    tail(lane);
    for (int r = 0; r < kExactRegisters; r++) {
      sum[r] = *reinterpret_cast<const Doubles*>(lane + r * kDoubles);
    }
  }
  for (int s = kExactRegisters / 2; s > 0; s /= 2) {
    for (int r = 0; r < s; r++) sum[r] += sum[r + s];
  }
  *reinterpret_cast<Doubles*>(lane) = sum[0];
  for (int s = kDoubles / 2; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lane[l] += lane[l + s];
  }
  return lane[0];
}

/** lane[l] += products of elements t.. d, fewer than 32. */
static inline void addProducts(const float* a, const float* b, int64_t t, int64_t d, double* lane) {
  for (int l = 0; t < d; t++, l++) lane[l] += static_cast<double>(a[t]) * b[t];
}

/** The same of their differences' squares. */
static inline void addSquares(const float* x, const float* c, int64_t t, int64_t d, double* lane) {
  for (int l = 0; t < d; t++, l++) {
    const double difference = static_cast<double>(x[t]) - static_cast<double>(c[t]);
    lane[l] = std::fma(difference, difference, lane[l]);
  }
}

/** Starts the loads of elements t..t + 31 of `next`, unless it is NULL. */
static inline void prefetchLanes(const float* next, int64_t t) {
  if (next == nullptr) return;
  __builtin_prefetch(next + t);
  __builtin_prefetch(next + t + 16);
}

/** Exact products, so it makes no difference where the compiler fuses. In passing starts the loads
 * of `next` [d], unless it is NULL: a line at a time, so that memory is never idle, where loads in
 * a bunch would wait for each other. */
static inline double exactDot(const float* a, const float* b, int64_t d,
                              const float* next = nullptr) {
  Doubles sum[kExactRegisters] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
    prefetchLanes(next, t);
    for (int r = 0; r < kExactRegisters; r++) {
      sum[r] += widen(a + t + r * kDoubles) * widen(b + t + r * kDoubles);
    }
  }
  return foldLanes(sum, t < d, [&](double* lane) { addProducts(a, b, t, d, lane); });
}

static inline double exactSquaredDistance(const float* x, const float* c, int64_t d) {
  Doubles sum[kExactRegisters] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
    for (int r = 0; r < kExactRegisters; r++) {
      sum[r] = squareAdd(widen(x + t + r * kDoubles) - widen(c + t + r * kDoubles), sum[r]);
    }
  }
  return foldLanes(sum, t < d, [&](double* lane) { addSquares(x, c, t, d, lane); });
}

/** exactDot, and exactSquaredDistance in the same pass where registers allow: b is read from memory
 * once. */
static inline double exactDotAndDistance(const float* a, const float* b, int64_t d,
                                         const float* next, double* distance) {
#if DC4J_LANES == 16
  Doubles dots[kExactRegisters] = {}, squares[kExactRegisters] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
    prefetchLanes(next, t);
    for (int r = 0; r < kExactRegisters; r++) {
      const Doubles x = widen(a + t + r * kDoubles), y = widen(b + t + r * kDoubles);
      dots[r] += x * y;
      squares[r] = squareAdd(x - y, squares[r]);
    }
  }
  *distance = foldLanes(squares, t < d, [&](double* lane) { addSquares(a, b, t, d, lane); });
  return foldLanes(dots, t < d, [&](double* lane) { addProducts(a, b, t, d, lane); });
#else
  const double dot = exactDot(a, b, d, next);
  *distance = exactSquaredDistance(a, b, d);
  return dot;
#endif
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
