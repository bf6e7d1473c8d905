// Tiles of 30 x 32: sixty accumulators, where the processor has 32 registers. What a compiler makes
// of the real tiles on a bad day; the gate has to see it.
#include <immintrin.h>

#include "tiles.h"

namespace bench {
namespace {

constexpr int kRows = 30, kVectors = 2, kColumns = 16 * kVectors;

struct Fp32 {
  static __m512i add(__m512i sum, __m512i row, __m512i column) {
    return _mm512_castps_si512(_mm512_fmadd_ps(
        _mm512_castsi512_ps(row), _mm512_castsi512_ps(column), _mm512_castsi512_ps(sum)));
  }
};
struct Int16 {
  static __m512i add(__m512i sum, __m512i row, __m512i column) {
    return _mm512_dpwssd_epi32(sum, row, column);
  }
};
struct Int8 {
  static __m512i add(__m512i sum, __m512i row, __m512i column) {
    return _mm512_dpbusd_epi32(sum, column, row);
  }
};

template <typename Kind>
__attribute__((noinline)) void multiply(const void* rows, const void* columns, const void* start,
                                        int64_t words, void* tile) {
  const auto *row = static_cast<const int32_t*>(rows), *first = static_cast<const int32_t*>(start);
  const auto* column = static_cast<const int32_t*>(columns);
  __m512i sum[kRows][kVectors];
#pragma GCC unroll 30
  for (int r = 0; r < kRows; r++) {
    for (int v = 0; v < kVectors; v++) sum[r][v] = _mm512_set1_epi32(first[0]);
  }
  for (int64_t w = 0; w < words; w++, row += kRows, column += kColumns) {
#pragma GCC unroll 30
    for (int r = 0; r < kRows; r++) {
      for (int v = 0; v < kVectors; v++) {
        sum[r][v] =
            Kind::add(sum[r][v], _mm512_set1_epi32(row[r]), _mm512_loadu_si512(column + 16 * v));
      }
    }
  }
#pragma GCC unroll 30
  for (int r = 0; r < kRows; r++) {
    for (int v = 0; v < kVectors; v++) {
      _mm512_storeu_si512(static_cast<int32_t*>(tile) + r * kColumns + 16 * v, sum[r][v]);
    }
  }
}

}  // namespace

const Tile* spilledTiles(int* count) {
  static const Tile tiles[] = {
      {"fp32 tile, spilled", "fp32", 0.90, kRows, kColumns, 1, multiply<Fp32>},
      {"int16 tile, spilled", "int16", 0.88, kRows, kColumns, 2, multiply<Int16>},
      {"int8 tile, spilled", "int8", 0.80, kRows, kColumns, 4, multiply<Int8>}};
  *count = 3;
  return tiles;
}

}  // namespace bench
