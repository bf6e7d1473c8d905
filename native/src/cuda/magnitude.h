// The largest entry of a row, for the scales of info_nce.
#pragma once
#include "cuda/first_bad_row.h"
#include "cuda/info_nce_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kLargestExponent = 126;  // 2^e and 2^-e are normal

struct Magnitude {
  float largest;
  bool finite;
};

/** Of a row, in all lanes. */
__device__ inline Magnitude magnitudeOf(const float* row, int64_t d) {
  float largest = 0;
  bool finite = true;
  for (int64_t t = laneOf(); t < d; t += kWarp) {
    finite = finite && isfinite(row[t]);
    largest = fmaxf(largest, fabsf(row[t]));
  }
  return {largestOfWarp(largest), ballotOfWarp(!finite) == 0};
}

/** The e of 2^(e-1) <= largest < 2^e, within what 2^-e may be. */
__device__ inline int exponentOf(float largest) {
  int exponent = 0;
  if (largest > 0 && isfinite(largest)) frexpf(largest, &exponent);
  if (exponent > kLargestExponent) exponent = kLargestExponent;
  return exponent < -kLargestExponent ? -kLargestExponent : exponent;
}

/** A row of x on its way into a product. */
struct Query {
  const float* row;
  int64_t d;  // 0 beyond the last row
  Magnitude magnitude;
  int exponent;
};

/** Row i of x: its exponent is kept, and it goes to bad as row first + i where it is not finite. */
__device__ inline Query openQuery(ConstMatrix x, int64_t i, int64_t first, int* exponents,
                                  int64_t* bad) {
  const bool inside = i < x.rows;
  Query query = {inside ? rowAt(x, i) : nullptr, inside ? x.cols : 0, {}, 0};
  query.magnitude = magnitudeOf(query.row, query.d);
  query.exponent = exponentOf(query.magnitude.largest);
  if (laneOf() == 0 && !query.magnitude.finite) atomicLeast(bad, first + i);
  if (laneOf() == 0 && inside) exponents[i] = query.exponent;
  return query;
}

__device__ inline void report(const Magnitude& magnitude, int64_t row, const NceRange& range) {
  if (laneOf() != 0 || range.bad == nullptr) return;
  if (!magnitude.finite) atomicLeast(range.bad, row);
  // Most rows are below what others found: a look, stale at worst, saves their atomics.
  const unsigned bits = __float_as_uint(magnitude.largest);
  if (bits > *static_cast<const volatile unsigned*>(range.largest)) atomicMax(range.largest, bits);
}

}  // namespace cuda
}  // namespace dc4j
