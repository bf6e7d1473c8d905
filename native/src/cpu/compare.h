// Comparing registers of floats.
#pragma once
#include "cpu/tile.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Bit l: a[l] >= b[l]. */
static inline uint32_t notBelow(Floats a, Floats b) {
#if defined(DC4J_AVX512)
  return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ);
#elif defined(DC4J_TIER_avx2)
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ)));
#elif defined(__SSE2__)
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpge_ps(a, b)));
#else
  uint32_t bits = 0;
  for (int l = 0; l < kLanes; l++) bits |= static_cast<uint32_t>(a[l] >= b[l]) << l;
  return bits;
#endif
}

/** The largest of a tile's row, lane by lane. */
static inline Floats largestLanes(const float* values) {
  Floats most = *reinterpret_cast<const Floats*>(values);
  for (int v = 1; v < kTileVectors; v++) {
    const Floats other = *reinterpret_cast<const Floats*>(values + v * kLanes);
    most = other > most ? other : most;
  }
  return most;
}

/** Bit c: values[c] >= threshold, of a tile's row. */
static inline uint32_t reaching(const float* values, float threshold) {
  uint32_t bits = 0;
  for (int v = 0; v < kTileVectors; v++) {
    const Floats at = *reinterpret_cast<const Floats*>(values + v * kLanes);
    bits |= notBelow(at, Floats{} + threshold) << (v * kLanes);
  }
  return bits;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
