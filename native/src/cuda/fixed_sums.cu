#include "cuda/fixed_sums.h"
#include "cuda/row_chunks.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** Bits of non-negative floats are ordered like the floats. Rows that are not finite go to bad as
 * row first + i. */
__global__ void largestMagnitudeKernel(ConstMatrix x, int64_t first, unsigned* largest,
                                       int64_t* bad) {
  unsigned most = 0;
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    bool finite = true;
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) {
      const float value = rowAt(x, i)[t];
      const unsigned bits = __float_as_uint(fabsf(value));
      finite = finite && isfinite(value);
      most = bits > most ? bits : most;
    }
    if (ballotOfWarp(!finite) != 0 && laneOf() == 0) atomicLeast(bad, first + i);
  }
  most = largestOfWarp(most);
  if (laneOf() == 0) atomicMax(largest, most);
}

float largestMagnitude(CudaState& state, ConstMatrix x, FirstBadRow& bad) {
  DeviceArray<unsigned> largest(state, 1);
  largest.fill(0);
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    DC4J_LAUNCH(largestMagnitudeKernel, blocksForLoop(chunk.x.rows, kBlock / kWarp), kBlock, 0,
                state.stream(), chunk.x, chunk.first, largest.data(), bad.data());
  }
  chunks.finish();
  const unsigned bits = largest.read();
  float value;
  static_assert(sizeof value == sizeof bits, "fp32");
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

/** A warp a row. */
__global__ void moveRowsKernel(ConstMatrix x, const int32_t* before, const int32_t* after,
                               FixedSums to, int64_t* moved) {
  int64_t count = 0;
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    const int64_t from = before[i], into = after[i];
    if (from == into) continue;
    count++;
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) {
      const int64_t value = llrint(rowAt(x, i)[t] * to.scale);
      if (from >= 0) atomicAddTo(to.sums + from * to.d + t, -value);
      if (into >= 0) atomicAddTo(to.sums + into * to.d + t, value);
    }
    if (laneOf() != 0) continue;
    if (from >= 0) atomicAddTo(to.counts + from, -1);
    if (into >= 0) atomicAddTo(to.counts + into, 1);
  }
  if (count > 0 && laneOf() == 0) atomicAddTo(moved, count);
}

void moveRows(CudaState& state, ConstMatrix x, const int32_t* before, const int32_t* after,
              FixedSums to, int64_t* moved) {
  DC4J_LAUNCH(moveRowsKernel, blocksForLoop(x.rows, kBlock / kWarp), kBlock, 0, state.stream(), x,
              before, after, to, moved);
}

}  // namespace cuda
}  // namespace dc4j
