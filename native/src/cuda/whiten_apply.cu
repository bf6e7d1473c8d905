// out_i = transform (x_i - mean), then / |out_i|. x [n x D], transform [d x D], out [n x d]; n d D
// multiply-adds in fp64 over tiles in shared memory, rounded once; the norm is of the rounded row's
// fp64 values. A row of norm 0 stays 0. Judge: reference/whiten_apply.cpp.
#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kTile = 16;  // a block has kTile x kTile threads and makes as many products

struct WhitenArguments {
  ConstMatrix x, mean, transform;
  double* y;  // [x.rows x transform.rows]
};

__global__ void whitenKernel(WhitenArguments a) {
  DC4J_SHARED(double, rows, [kTile][kTile + 1]);
  DC4J_SHARED(double, columns, [kTile][kTile + 1]);
  const int r = static_cast<int>(threadIdx.x) / kTile, c = static_cast<int>(threadIdx.x) % kTile;
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kTile + r;
  const int64_t j0 = static_cast<int64_t>(blockIdx.y) * kTile;
  double sum = 0;
  for (int64_t t0 = 0; t0 < a.x.cols; t0 += kTile) {
    const int64_t t = t0 + c;
    const bool inside = t < a.x.cols;
    rows[r][c] = inside && i < a.x.rows
                     ? static_cast<double>(rowAt(a.x, i)[t]) - static_cast<double>(a.mean.data[t])
                     : 0;
    columns[r][c] = inside && j0 + r < a.transform.rows ? rowAt(a.transform, j0 + r)[t] : 0;
    __syncthreads();
    for (int s = 0; s < kTile; s++) sum += columns[c][s] * rows[r][s];
    __syncthreads();
  }
  if (i < a.x.rows && j0 + c < a.transform.rows) a.y[i * a.transform.rows + j0 + c] = sum;
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
  findNotFinite(state, centre, 0, bad_mean);
  findNotFinite(state, map, 0, bad_transform);
  bad_mean.check("mean");
  bad_transform.check("transform");
  const int64_t d = map.rows;
  RowChunks chunks(state, x, out, d * static_cast<int64_t>(sizeof(double)));
  DeviceArray<double> y(state, chunks.rows() * d);
  for (RowChunk chunk; chunks.next(chunk);) {
    findNotFinite(state, chunk.x, chunk.first, bad);
    const dim3 grid(blocksFor(chunk.x.rows, kTile), blocksFor(d, kTile));
    DC4J_LAUNCH(whitenKernel, grid, kTile * kTile, 0, state.stream(),
                WhitenArguments{chunk.x, centre, map, y.data()});
    DC4J_LAUNCH(roundRowsKernel, blocksForLoop(chunk.x.rows, 8), 256, 0, state.stream(), y.data(),
                l2_normalize, chunk.out);
  }
  chunks.finish();
  bad.check("x");
}

}  // namespace cuda
}  // namespace dc4j
