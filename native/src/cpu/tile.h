// The fp32 GEMM tile everything dense is built from.
//
// tile[r][c] = init[c] + sum_t a[t][r] b[t][c], one running sum per element over t in order (fused
// multiply-adds where the tier has them), so an element's bits depend on nothing but its own row,
// column and depth. a is a packed panel [depth x kTileRows], b one [depth x kTileCols].
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

// As many accumulators as registers allow beside the operands: 24 of 32, 12 of 16, 8 of 16 (no
// FMA).
constexpr int kTileVectors = kLanes == 8 ? 3 : 2;
constexpr int kTileCols = kTileVectors * kLanes;
constexpr int kTileRows = kLanes == 16 ? 12 : 4;

/** tile [kTileRows x kTileCols], aligned to a register like init and b. */
void multiplyTile(const float* a, const float* b, const float* init, int64_t depth, float* tile);

/** panel[t * width + r] = x[r * stride + t] - minus[t] for r < rows, 0 for rows <= r < width; minus
 * may be NULL. width is a multiple of 4. */
void packPanel(const float* x, int64_t stride, int64_t rows, int64_t depth, const float* minus,
               int width, float* panel);

/** A band of products whose depth is cut into chunks: sums of fp32 products stay short, what is
 * added across chunks is fp64. Panel q of the band is at a + q * a_stride; sums[q] [kTileRows x
 * kTileCols] = a_q b. Chunks run outermost, so that a chunk of b stays in the first-level cache for
 * the whole band. */
constexpr int64_t kDepthChunk = 256;
constexpr int64_t kBandRows = 120;  // a multiple of every tier's kTileRows
void multiplyBand(const float* a, int64_t a_stride, int64_t panels, const float* b, int64_t depth,
                  double* sums);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
