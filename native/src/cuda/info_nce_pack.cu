// Rows of x and of the memory as the products of info_nce take them (info_nce_parts.h).
#include <cfloat>
#include <cmath>

#include "cuda/bf16_bits.h"
#include "cuda/exact_score.h"
#include "cuda/info_nce_parts.h"
#include "cuda/magnitude.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;
constexpr float kLargestWord = 32639;  // its high and low byte fit int8

/** round(value / quantum) within +-kLargestWord, whatever value is. */
__device__ inline int wordOf(float value, float quantum) {
  if (!(quantum > 0)) return 0;
  return static_cast<int>(rintf(fminf(fmaxf(value / quantum, -kLargestWord), kLargestWord)));
}

/** Four elements a lane at a time: strides are multiples of kPadding. */
__device__ inline void writeRow(const float* row, int64_t d, float scale, float largest,
                                const NceRows& to, int64_t i, bool low_first) {
  const float quantum = largest * scale / kLargestWord;
  signed char* bytes = to.bytes == nullptr ? nullptr : to.bytes + 2 * i * to.stride;
  for (int64_t t = 4 * laneOf(); t < to.stride; t += 4 * kWarp) {
    unsigned high = 0, low = 0;
    for (int e = 0; e < 4; e++) {
      const float value = t + e < d ? row[t + e] * scale : 0;
      if (to.values != nullptr) to.values[i * to.stride + t + e] = value;
      if (to.halves != nullptr) to.halves[i * to.stride + t + e] = toBf16(value);
      const int word = wordOf(value, quantum), upper = (word + 128) >> 8;
      high |= static_cast<unsigned>(upper & 255) << 8 * e;
      low |= static_cast<unsigned>((word - 256 * upper) & 255) << 8 * e;
    }
    if (bytes == nullptr) continue;
    *reinterpret_cast<unsigned*>(bytes + (low_first ? to.stride : 0) + t) = high;
    *reinterpret_cast<unsigned*>(bytes + (low_first ? 0 : to.stride) + t) = low;
  }
  if (to.quantum != nullptr && laneOf() == 0) to.quantum[i] = quantum;
}

/** A warp a row. */
__global__ void packQueriesKernel(ConstMatrix x, int64_t first, int64_t rows, NceRows to,
                                  int* exponents, int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < rows; i += warpsOfGrid()) {
    const Query query = openQuery(x, i, first, exponents, bad);
    writeRow(query.row, query.d, ldexpf(1.0f, -query.exponent), query.magnitude.largest, to, i,
             false);
  }
}

void packQueries(CudaState& state, const NceGroup& group, int64_t first, int64_t rows,
                 const NceRows& to, int64_t* bad) {
  DC4J_LAUNCH(packQueriesKernel, blocksForLoop(rows, kBlock / kWarp), kBlock, 0, state.stream(),
              group.x, first, rows, to, group.state.exponent, bad);
}

/** A warp a row. */
__global__ void packMemoryKernel(ConstMatrix block, int64_t first, int64_t rows, float scale,
                                 NceRows to, NceRange range) {
  for (int64_t i = warpOfGrid(); i < rows; i += warpsOfGrid()) {
    const int64_t d = i < block.rows ? block.cols : 0;
    const float* row = i < block.rows ? rowAt(block, i) : nullptr;
    const Magnitude magnitude = magnitudeOf(row, d);
    report(magnitude, first + i, range);
    writeRow(row, d, scale, magnitude.largest, to, i, true);
  }
}

void packMemory(CudaState& state, ConstMatrix block, int64_t first, int64_t rows, int exponent,
                const NceRows& to, const NceRange& range) {
  DC4J_LAUNCH(packMemoryKernel, blocksForLoop(rows, kBlock / kWarp), kBlock, 0, state.stream(),
              block, first, rows, ldexpf(1.0f, -exponent), to, range);
}

__global__ void measureMemoryKernel(ConstMatrix memory, NceRange range) {
  for (int64_t i = warpOfGrid(); i < memory.rows; i += warpsOfGrid()) {
    report(magnitudeOf(rowAt(memory, i), memory.cols), i, range);
  }
}

void measureMemory(CudaState& state, ConstMatrix memory, const NceRange& range) {
  DC4J_LAUNCH(measureMemoryKernel, blocksForLoop(memory.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), memory, range);
}

/** A warp a row. */
__global__ void startRowsKernel(NceGroup group, ConstMatrix memory) {
  for (int64_t i = warpOfGrid(); i < group.x.rows; i += warpsOfGrid()) {
    const int64_t label = group.labels[i];
    double positive = 0;
    if (label >= 0) positive = exactDot(rowAt(group.x, i), rowAt(memory, label), memory.cols);
    if (laneOf() != 0) continue;
    positive = ldexp(positive, -(group.state.exponent[i] + group.memory_exponent));
    group.state.positive[i] = positive;
    group.state.largest[i] = -FLT_MAX;
    group.state.sum[i] = 0;
  }
}

void startRows(CudaState& state, const NceGroup& group, ConstMatrix memory) {
  DC4J_LAUNCH(startRowsKernel, blocksForLoop(group.x.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), group, memory);
}

}  // namespace cuda
}  // namespace dc4j
