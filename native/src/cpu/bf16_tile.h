// Tiles of bf16 factors: fp32 sums of products of pairs (AVX-512 BF16), twice the rate of fp32.
//
// A word is two bf16, the lower half of the first of two neighbours in depth. Rows come in panels
// [words x kTileRows], columns in panels [words x kTileCols]. Rounding to bf16 is to nearest, ties
// to even; magnitudes below 2^-126 become 0.
#pragma once
#include "cpu/tile.h"

#if defined(DC4J_BF16)
// gcc 12 takes its own _mm512_undefined_ps for a use of an uninitialised value.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** tile[r][c] = sum of rows x columns; [kTileRows x kTileCols], aligned to 64 like columns. */
void multiplyPairs(const float* rows, const float* columns, int64_t words, float* tile);

/** 16 words: lane l is (bf16(first[l]), bf16(second[l])). */
static inline __m512i pairsOf(__m512 first, __m512 second) {
  const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(first));
  const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(second));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
