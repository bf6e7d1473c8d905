#include "cpu/memory_pack.h"

#include <cmath>

#include "cpu/bf16_tile.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"
#include "cpu/quantise.h"
#include "cpu/word_rows.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef float Quad __attribute__((vector_size(16), aligned(4), may_alias));

/** A slice of rows far apart, which the processor's own prefetching does not follow. */
static inline void prefetchSlice(ConstMatrix c, int64_t row, int64_t from, int64_t columns) {
  if (row >= c.rows) return;
  const float* slice = c.row(row) + from;
  for (int64_t t = 0; t < columns; t += 16) __builtin_prefetch(slice + t);
}

constexpr int64_t kPrefetchRows = 16;

void packColumns(ConstMatrix c, int64_t from, int64_t columns, int64_t panel_stride,
                 float* panels) {
  for (int64_t t = 0; t < c.rows; t++) {
    prefetchSlice(c, t + kPrefetchRows, from, columns);
    const float* row = c.row(t) + from;
    float* to = panels + t * kTileRows;
    int64_t column = 0;
    for (; column + kTileRows <= columns; column += kTileRows) {
      for (int r = 0; r < kTileRows; r += 4) {
        *reinterpret_cast<Quad*>(to + r) = *reinterpret_cast<const Quad*>(row + column + r);
      }
      to += panel_stride;
    }
    for (int r = 0; r < kTileRows && column < columns; r++) {
      to[r] = column + r < columns ? row[column + r] : 0;
    }
  }
}

#if defined(DC4J_BF16)

void packColumnPairs(ConstMatrix c, int64_t from, int64_t columns, int64_t panel_stride,
                     float* panels) {
  static_assert(kTileRows <= 16, "one register");
  constexpr __mmask16 held = (1 << kTileRows) - 1;
  for (int64_t t = 0; t < c.rows; t += 2) {
    prefetchSlice(c, t + kPrefetchRows, from, columns);
    prefetchSlice(c, t + kPrefetchRows + 1, from, columns);
    const float* row = c.row(t) + from;
    const float* next = t + 1 < c.rows ? c.row(t + 1) + from : nullptr;
    float* to = panels + t / 2 * kTileRows;
    for (int64_t column = 0; column < columns; column += kTileRows, to += panel_stride) {
      const int64_t left = columns - column;
      const __mmask16 in = left < kTileRows ? static_cast<__mmask16>((1 << left) - 1) : held;
      const __m512 one = _mm512_maskz_loadu_ps(in, row + column);
      const __m512 two =
          next == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(in, next + column);
      _mm512_mask_storeu_epi32(to, held, pairsOf(one, two));
    }
  }
}

/** panel[w * width + i] = words[i * stride + w] for i < 4. */
static void transposeQuads(const int32_t* words, int64_t stride, int64_t count, int width,
                           int32_t* panel) {
  int64_t w = 0;
  for (; w + 4 <= count; w += 4, panel += 4 * width) {
    transposeQuad(words + w, stride, width, 0, panel);
  }
  for (; w < count; w++, panel += width) {
    for (int i = 0; i < 4; i++) panel[i] = words[i * stride + w];
  }
}

int64_t packQuantised(ConstMatrix rows, int width, int32_t* scratch, int32_t* panel, float* scales,
                      float* largest) {
  const int64_t d = rows.cols, count = pairWords(d), stride = count + 16;
  int64_t bad = -1;
  for (int r = 0; r < width; r += 4) {
    for (int i = 0; i < 4; i++) {
      int32_t* words = scratch + i * stride;
      float peak = 0;
      if (r + i < rows.rows) peak = largestMagnitude(rows.row(r + i), nullptr, d);
      if (std::isnan(peak)) {
        if (bad < 0) bad = r + i;
        peak = 0;
      }
      float scale = 0;
      if (peak > 0) {
        const float* row = rows.row(r + i);
        const double norm = std::sqrt(exactDot(row, row, d));
        scale = quantum(static_cast<double>(peak), norm, kInt16Word);
        int32_t sum;
        quantise(row, d, scale, kInt16Word, norm, words, &sum);
        if (peak > *largest) *largest = peak;
      } else {
        for (int64_t w = 0; w < count; w++) words[w] = 0;
      }
      scales[r + i] = scale;
    }
    transposeQuads(scratch, stride, count, width, panel + r);
  }
  return bad;
}

#endif

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
