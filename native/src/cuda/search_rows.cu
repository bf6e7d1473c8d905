// Rounds rows to fp16 and measures what that costs (search.h).
#include <cmath>

#include "cuda/search_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;
// The largest entry of a row comes below 2^11: products and sums of 2^16 of them stay far below
// what fp32 holds, and entries 2^25 times smaller are still rounded to 11 bits.
constexpr int kScaledExponent = 11;
constexpr int kLeastExponent = -100;  // below, a row may round to 0: its quantum stays normal
constexpr double kLargestSquare = 1e36;
constexpr float kBiasError = 16 * 0x1p-24f + 0x1.001p-17f, kLeastError = 0x1p-110f;

RoundedRows::RoundedRows(CudaState& state, int64_t rows, int64_t d)
    : padded_(roundUp(rows, kTileRows)),
      padded_d_(roundUp(d, 16)),
      values_(state, padded_ * padded_d_),
      quantum_(state, roundUp(padded_, kTilesTogether * kTileColumns)),
      norm_(state, padded_),
      error_(state, padded_),
      square_(state, padded_),
      view_{rows,           padded_,        d,
            padded_d_,      values_.data(), quantum_.data(),
            square_.data(), norm_.data(),   error_.data()} {}

int64_t RoundedRows::bytesPerRow(int64_t d) {
  return 2 * roundUp(d, 16) + 3 * static_cast<int64_t>(sizeof(float)) +
         static_cast<int64_t>(sizeof(double));
}

/** The power of two that rows with this largest entry are multiples of. */
__device__ inline float quantumOf(float largest) {
  int exponent = 0;
  frexpf(largest, &exponent);
  if (!(largest > 0) || exponent < kLeastExponent) exponent = kLeastExponent;
  return ldexpf(1.0f, exponent - kScaledExponent);
}

/** A warp a row. */
__global__ void roundRowsKernel(ConstMatrix x, const int64_t* picked, int64_t first, Rounded to,
                                int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < to.padded; i += warpsOfGrid()) {
    const int64_t d = i < to.rows ? x.cols : 0;
    const int64_t place = i < to.rows && picked != nullptr ? picked[i] : i;
    const float* row = i < to.rows ? rowAt(x, place) : nullptr;
    float largest = 0;
    for (int64_t t = laneOf(); t < d; t += kWarp) largest = fmaxf(largest, fabsf(row[t]));
    const float quantum = quantumOf(largestOfWarp(largest));
    double square = 0, error = 0;
    for (int64_t t = laneOf(); t < to.padded_d; t += kWarp) {
      const float value = t < d ? row[t] : 0;
      const __half half = __float2half_rn(value / quantum);
      to.values[i * to.padded_d + t] = half;
      const double difference =
          static_cast<double>(value) - static_cast<double>(__half2float(half)) * quantum;
      square += static_cast<double>(value) * value;
      error += difference * difference;
    }
    square = foldLanes(square);
    error = foldLanes(error);
    if (laneOf() != 0) continue;
    if (!isfinite(square)) atomicLeast(bad, first + place);
    to.quantum[i] = quantum;
    to.square[i] = square;
    to.norm[i] = __double2float_ru(sqrt(square) * 1.000001);
    to.error[i] = __double2float_ru(sqrt(error) * 1.000001);
  }
}

void roundRows(CudaState& state, ConstMatrix x, const int64_t* picked, int64_t first,
               const Rounded& to, int64_t* bad) {
  DC4J_LAUNCH(roundRowsKernel, blocksForLoop(to.padded, kBlock / kWarp), kBlock, 0, state.stream(),
              x, picked, first, to, bad);
}

/** A warp a tile. */
__global__ void measureColumnsKernel(Columns columns) {
  const Rounded& c = columns.rounded;
  for (int64_t tile = warpOfGrid(); tile < columns.tiles; tile += warpsOfGrid()) {
    float norm = 0, error = 0, rest = 0;
    for (int s = laneOf(); s < kTileColumns; s += kWarp) {
      const int64_t j = tile * kTileColumns + s;
      const bool inside = j < c.rows, held = inside && c.square[j] <= kLargestSquare;
      columns.bias[j] = held ? static_cast<float>(-0.5 * c.square[j]) : kNoTile;
      if (!held) c.quantum[j] = 0;
      if (inside && !held)
        columns.outliers[atomicAdd(columns.outlier_count, 1)] = static_cast<int>(j);
      if (!held) continue;
      norm = fmaxf(norm, c.norm[j]);
      error = fmaxf(error, c.error[j]);
      rest = fmaxf(rest, kBiasError * -columns.bias[j] + kLeastError);
    }
    norm = largestOfWarp(norm);
    error = largestOfWarp(error);
    rest = largestOfWarp(rest);
    if (laneOf() != 0) continue;
    columns.tile_norm[tile] = norm;
    columns.tile_error[tile] = error;
    columns.tile_rest[tile] = rest;
  }
}

void measureColumns(CudaState& state, const Columns& columns) {
  DC4J_LAUNCH(measureColumnsKernel, blocksForLoop(columns.tiles, kBlock / kWarp), kBlock, 0,
              state.stream(), columns);
}

}  // namespace cuda
}  // namespace dc4j
