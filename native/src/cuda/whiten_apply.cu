// out_i = transform (x_i - mean), then / |out_i|. x [n x D], transform [d x D], out [n x d]; n d D
// multiply-adds of cuBLAS in fp64, rounded once; the norm is of the rounded row's
// fp64 values. A row of norm 0 stays 0. Judge: reference/whiten_apply.cpp.
#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** to [rows x cols] = matrix, less mean where there is one; rows that are not finite go to bad as
 * row first + i. A warp a row. */
__global__ void widenKernel(ConstMatrix matrix, const float* mean, double* to, int64_t first,
                            int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < matrix.rows; i += warpsOfGrid()) {
    const float* row = rowAt(matrix, i);
    bool finite = true;
    for (int64_t t = laneOf(); t < matrix.cols; t += kWarp) {
      const double value = static_cast<double>(row[t]);
      finite = finite && isfinite(value);
      to[i * matrix.cols + t] = mean == nullptr ? value : value - static_cast<double>(mean[t]);
    }
    if (ballotOfWarp(!finite) != 0 && laneOf() == 0) atomicLeast(bad, first + i);
  }
}

void widen(CudaState& state, ConstMatrix matrix, const float* mean, double* to, int64_t first,
           FirstBadRow& bad) {
  DC4J_LAUNCH(widenKernel, blocksForLoop(matrix.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              matrix, mean, to, first, bad.data());
}

/** y [rows x d] = x [rows x D] map^T, all in fp64. */
void multiply(CudaState& state, const double* x, const double* map, int64_t rows, int64_t d,
              int64_t depth, double* y) {
  if (depth == 0) {
    check(cudaMemsetAsync(y, 0, static_cast<size_t>(rows * d) * sizeof(double), state.stream()),
          "filling");
    return;
  }
  Product product = {};
  product.transpose_a = true;
  product.m = product.ldc = d;
  product.n = rows;
  product.k = product.lda = product.ldb = depth;
  product.a = map;
  product.b = x;
  product.c = y;
  product.type_a = product.type_b = product.type_c = Element::fp64;
  product.compute = Compute::fp64;
  product.alpha = 1;
  state.cublas().multiply(product);
}

__global__ void roundRowsKernel(const double* y, bool normalize, Matrix out) {
  for (int64_t i = warpOfGrid(); i < out.rows; i += warpsOfGrid()) {
    const double* row = y + i * out.cols;
    double scale = 1;
    if (normalize) {
      double norm = 0;
      for (int64_t j = laneOf(); j < out.cols; j += kWarp) norm += row[j] * row[j];
      norm = foldLanes(norm);
      scale = norm > 0 ? 1 / sqrt(norm) : 0;
    }
    for (int64_t j = laneOf(); j < out.cols; j += kWarp) {
      rowAt(out, i)[j] = static_cast<float>(row[j] * scale);
    }
  }
}

void whiten_apply(Workers& workers, ConstMatrix x, ConstMatrix mean, ConstMatrix transform,
                  bool l2_normalize, Matrix out) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const ConstMatrix centre = device.in(mean), map = device.in(transform);
  FirstBadRow bad_mean(state), bad_transform(state), bad(state);
  const int64_t d = map.rows;
  DeviceArray<double> wide_map(state, d * x.cols);
  findNotFinite(state, centre, 0, bad_mean);
  widen(state, map, nullptr, wide_map.data(), 0, bad_transform);
  bad_mean.check("mean");
  bad_transform.check("transform");
  RowChunks chunks(state, x, out, (x.cols + d) * static_cast<int64_t>(sizeof(double)));
  DeviceArray<double> wide_x(state, chunks.rows() * x.cols), y(state, chunks.rows() * d);
  for (RowChunk chunk; chunks.next(chunk);) {
    widen(state, chunk.x, centre.data, wide_x.data(), chunk.first, bad);
    multiply(state, wide_x.data(), wide_map.data(), chunk.x.rows, d, x.cols, y.data());
    DC4J_LAUNCH(roundRowsKernel, blocksForLoop(chunk.x.rows, kBlock / kWarp), kBlock, 0,
                state.stream(), y.data(), l2_normalize, chunk.out);
  }
  chunks.finish();
  bad.check("x");
}

}  // namespace cuda
}  // namespace dc4j
