#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef float Quad __attribute__((vector_size(16), aligned(4), may_alias));

// Alone in its function: inlined into a larger one the accumulators are spilled.
__attribute__((noinline)) void multiplyTile(const float* a, const float* b, const float* init,
                                            int64_t depth, float* tile) {
  Floats sum[kTileRows][kTileVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kTileRows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) {
      sum[r][v] = *reinterpret_cast<const Floats*>(init + v * kLanes);
    }
  }
  for (int64_t t = 0; t < depth; t++) {
    Floats right[kTileVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) {
      right[v] = *reinterpret_cast<const Floats*>(b + v * kLanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kTileRows; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) sum[r][v] += right[v] * a[r];
    }
    a += kTileRows;
    b += kTileCols;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kTileRows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) {
      *reinterpret_cast<Floats*>(tile + r * kTileCols + v * kLanes) = sum[r][v];
    }
  }
}

/** panel[(t + j) * width + i] = x[i * stride + t + j] - minus[t + j] for i, j < 4. */
static inline void transposeQuads(const float* x, int64_t stride, const float* minus, int width,
                                  float* panel) {
  const Quad shift = minus == nullptr ? Quad{} : *reinterpret_cast<const Quad*>(minus);
  Quad row[4];
  for (int i = 0; i < 4; i++) row[i] = *reinterpret_cast<const Quad*>(x + i * stride) - shift;
  const Quad a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Quad b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Quad c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Quad e = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  *reinterpret_cast<Quad*>(panel) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  *reinterpret_cast<Quad*>(panel + width) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  *reinterpret_cast<Quad*>(panel + 2 * width) = __builtin_shufflevector(c, e, 0, 1, 4, 5);
  *reinterpret_cast<Quad*>(panel + 3 * width) = __builtin_shufflevector(c, e, 2, 3, 6, 7);
}

void packPanel(const float* x, int64_t stride, int64_t rows, int64_t depth, const float* minus,
               int width, float* panel) {
  for (int r = 0; r < width; r += 4) {
    int64_t t = 0;
    if (r + 4 <= rows) {
      for (; t + 4 <= depth; t += 4) {
        transposeQuads(x + r * stride + t, stride, minus == nullptr ? nullptr : minus + t, width,
                       panel + t * width + r);
      }
    }
    for (; t < depth; t++) {
      const float shift = minus == nullptr ? 0 : minus[t];
      for (int i = r; i < r + 4; i++) {
        panel[t * width + i] = i < rows ? x[i * stride + t] - shift : 0;
      }
    }
  }
}

void multiplyBand(const float* a, int64_t a_stride, int64_t panels, const float* b, int64_t depth,
                  double* sums) {
  constexpr int kEntries = kTileRows * kTileCols;
  alignas(64) static const float zero[kTileCols] = {};
  alignas(64) float tile[kEntries];
  for (int64_t e = 0; e < panels * kEntries; e++) sums[e] = 0;
  for (int64_t t = 0; t < depth; t += kDepthChunk) {
    const int64_t chunk = depth - t < kDepthChunk ? depth - t : kDepthChunk;
    for (int64_t q = 0; q < panels; q++) {
      multiplyTile(a + q * a_stride + t * kTileRows, b + t * kTileCols, zero, chunk, tile);
      double* to = sums + q * kEntries;
      for (int e = 0; e < kEntries; e++) to[e] += static_cast<double>(tile[e]);
    }
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
