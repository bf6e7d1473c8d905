// Rows of info_nce in fp16 (info_nce_parts.h), in one pass over the memory: the scale does not
// depend on the row. A warp a row, four entries a lane at a time.
#include "cuda/magnitude.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

struct Four {
  float of[4];
};

/** Entries t .. t + 3 of a row of d, 0 beyond; `aligned`: the row starts at 16 bytes. */
__device__ inline Four fourAt(const float* row, int64_t t, int64_t d, bool aligned) {
  if (aligned && t + 4 <= d) {
    const float4 four = *reinterpret_cast<const float4*>(row + t);
    return {{four.x, four.y, four.z, four.w}};
  }
  Four four;
  for (int e = 0; e < 4; e++) four.of[e] = t + e < d ? row[t + e] : 0;
  return four;
}

__device__ inline bool isAligned(const float* row) {
  return reinterpret_cast<uintptr_t>(row) % sizeof(float4) == 0;
}

/** Writes kHalfScale scale times a row as halves, 0 from d to stride, which is a multiple of 4. */
__device__ inline Magnitude writeHalves(const float* row, int64_t d, float scale, int64_t stride,
                                        __half* to) {
  float largest = 0;
  bool finite = true;
  const bool aligned = isAligned(row);
  DC4J_UNROLL_BY(4)
  for (int64_t t = 4 * laneOf(); t < stride; t += 4 * kWarp) {
    const Four four = fourAt(row, t, d, aligned);
    unsigned short bits[4];
    DC4J_UNROLL
    for (int e = 0; e < 4; e++) {
      finite = finite && isfinite(four.of[e]);
      largest = fmaxf(largest, fabsf(four.of[e]));
      bits[e] = __half_as_ushort(__float2half_rn(four.of[e] * scale * kHalfScale));
    }
    uint2 packed;
    packed.x = bits[0] | static_cast<unsigned>(bits[1]) << 16;
    packed.y = bits[2] | static_cast<unsigned>(bits[3]) << 16;
    *reinterpret_cast<uint2*>(to + t) = packed;
  }
  return {largestOfWarp(largest), ballotOfWarp(!finite) == 0};
}

__global__ void packQueryHalvesKernel(ConstMatrix x, int64_t first, int64_t rows, int64_t stride,
                                      __half* to, int* exponents, int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < rows; i += warpsOfGrid()) {
    const Query query = openQuery(x, i, first, exponents, bad);
    writeHalves(query.row, query.d, ldexpf(1.0f, -query.exponent), stride, to + i * stride);
  }
}

void packQueryHalves(CudaState& state, const NceGroup& group, int64_t first, int64_t rows,
                     int64_t stride, __half* to, int64_t* bad) {
  DC4J_LAUNCH(packQueryHalvesKernel, blocksForLoop(rows, kBlock / kWarp), kBlock, 0, state.stream(),
              group.x, first, rows, stride, to, group.state.exponent, bad);
}

__global__ void packMemoryHalvesKernel(ConstMatrix block, int64_t first, int64_t rows, float scale,
                                       int64_t stride, __half* to, NceRange range) {
  for (int64_t i = warpOfGrid(); i < rows; i += warpsOfGrid()) {
    const int64_t d = i < block.rows ? block.cols : 0;
    const float* row = i < block.rows ? rowAt(block, i) : nullptr;
    report(writeHalves(row, d, scale, stride, to + i * stride), first + i, range);
  }
}

void packMemoryHalves(cudaStream_t stream, ConstMatrix block, int64_t first, int64_t rows,
                      int exponent, int64_t stride, __half* to, const NceRange& range) {
  DC4J_LAUNCH(packMemoryHalvesKernel, blocksForLoop(rows, kBlock / kWarp), kBlock, 0, stream, block,
              first, rows, ldexpf(1.0f, -exponent), stride, to, range);
}

}  // namespace cuda
}  // namespace dc4j
