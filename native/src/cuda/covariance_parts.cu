#include "cuda/bf16_bits.h"
#include "cuda/covariance_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** e with |x - shift| <= 2^e, given the bits of half the largest; 0 where all are 0. */
__device__ inline int exponentOf(unsigned largest) {
  const float half = __uint_as_float(largest);
  if (!(half > 0) || !isfinite(half)) return 0;
  int exponent = 0;
  frexpf(half, &exponent);
  return exponent + 2;  // the halves and their difference are rounded
}

/** Halves, which cannot overflow. Their bits are ordered as they are. */
__global__ void largestShiftedKernel(ShiftedRows rows) {
  unsigned most = 0;
  const int64_t d = rows.x.cols;
  for (int64_t i = warpOfGrid(); i < rows.x.rows; i += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const float half = fabsf(0.5f * rowAt(rows.x, i)[t] - 0.5f * rows.shift[t]);
      const unsigned bits = __float_as_uint(half);
      most = bits > most ? bits : most;
    }
  }
  most = largestOfWarp(most);
  if (laneOf() == 0) atomicMax(rows.largest, most);
}

__global__ void shiftRowsKernel(ShiftedRows rows) {
  const double scale = ldexp(1.0, -exponentOf(*rows.largest));
  const int64_t d = rows.x.cols;
  for (int64_t i = warpOfGrid(); i < rows.x.rows; i += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const double difference =
          static_cast<double>(rowAt(rows.x, i)[t]) - static_cast<double>(rows.shift[t]);
      const float value = static_cast<float>(difference * scale);
      rows.shifted[i * d + t] = value;
      if (rows.rounded != nullptr) rows.rounded[i * d + t] = toBf16(value);
    }
  }
}

/** A thread a column: neighbouring threads read neighbouring numbers. */
__global__ void sumRowsKernel(ShiftedRows rows) {
  const double scale = ldexp(1.0, exponentOf(*rows.largest));
  const int64_t d = rows.x.cols;
  for (int64_t t = threadOfGrid(); t < d; t += threadsOfGrid()) {
    double sum = 0;
    for (int64_t i = 0; i < rows.x.rows; i++) sum += static_cast<double>(rows.shifted[i * d + t]);
    rows.sum[t] += sum * scale;
  }
}

void shiftRows(CudaState& state, const ShiftedRows& rows) {
  const cudaStream_t stream = state.stream();
  check(cudaMemsetAsync(rows.largest, 0, sizeof(unsigned), stream), "filling");
  const unsigned warps = blocksForLoop(rows.x.rows, kBlock / kWarp);
  DC4J_LAUNCH(largestShiftedKernel, warps, kBlock, 0, stream, rows);
  DC4J_LAUNCH(shiftRowsKernel, warps, kBlock, 0, stream, rows);
  DC4J_LAUNCH(sumRowsKernel, blocksForLoop(rows.x.cols, kWarp), kWarp, 0, stream, rows);
}

/** A warp a row of the scatter. */
__global__ void addProductsKernel(const float* products, int64_t d, const unsigned* largest,
                                  double* scatter) {
  const double scale = ldexp(1.0, 2 * exponentOf(*largest));
  for (int64_t a = warpOfGrid(); a < d; a += warpsOfGrid()) {
    for (int64_t b = a + laneOf(); b < d; b += kWarp) {
      scatter[a * d + b] += static_cast<double>(products[a * d + b]) * scale;
    }
  }
}

void addProducts(CudaState& state, const float* products, int64_t d, const unsigned* largest,
                 double* scatter) {
  DC4J_LAUNCH(addProductsKernel, blocksForLoop(d, kBlock / kWarp), kBlock, 0, state.stream(),
              products, d, largest, scatter);
}

__global__ void addIntoKernel(const double* from, int64_t rows, int64_t d, double* to) {
  for (int64_t a = warpOfGrid(); a < rows; a += warpsOfGrid()) {
    for (int64_t b = a + laneOf(); b < d; b += kWarp) to[a * d + b] += from[a * d + b];
  }
}

void addInto(CudaState& state, const double* from, int64_t rows, int64_t d, double* to) {
  DC4J_LAUNCH(addIntoKernel, blocksForLoop(rows, kBlock / kWarp), kBlock, 0, state.stream(), from,
              rows, d, to);
}

}  // namespace cuda
}  // namespace dc4j
