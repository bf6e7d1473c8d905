// Packing rows for the two products of memory_softmax.h, in fp32 or in 16 bits.
//
// Scores: fp32 panels [depth][width], or int16 pairs [depth / 2][width] with a quantum per row.
// Weighted sums: columns of C in panels [row][kTileRows], or bf16 pairs [row / 2][kTileRows].
#pragma once
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** panels[q * panel_stride + t * kTileRows + r] = c.row(t)[from + q * kTileRows + r], 0 beyond the
 * last column. */
void packColumns(ConstMatrix c, int64_t from, int64_t columns, int64_t panel_stride, float* panels);

#if defined(DC4J_BF16)
/** The same of words of two rows: t counts pairs, an odd last row has zeros beside it. */
void packColumnPairs(ConstMatrix c, int64_t from, int64_t columns, int64_t panel_stride,
                     float* panels);

/** Words of int16 pairs a row of d elements has. */
inline int64_t pairWords(int64_t d) { return (d + 1) / 2; }

/** 32-bit words of scratch that packQuantised needs. */
inline int64_t quantiseScratch(int64_t d) { return 4 * (pairWords(d) + 16); }

/** panel[w * width + r] = word w of row r in int16 (quantise.h), scales[r] its quantum, 0 for
 * rows.rows <= r < width and for rows that hold NaN or infinity. width is a multiple of 4. Returns
 * the first row with NaN or infinity, or -1; *largest gains the magnitudes of the others. */
int64_t packQuantised(ConstMatrix rows, int width, int32_t* scratch, int32_t* panel, float* scales,
                      float* largest);
#endif

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
