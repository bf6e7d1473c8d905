// out_i = x_i / |x_i|, the norm in fp64; a row of norm 0 stays 0. x, out [n x d]; a warp a row.
// Judge: reference/normalize_rows.cpp.
#include "cuda/first_bad_row.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** sum x^2 over lanes; products are exact, the order is the lanes'. */
__device__ inline double squaresOf(const float* row, int64_t d) {
  double sum = 0;
  for (int64_t t = laneOf(); t < d; t += kWarp) sum += static_cast<double>(row[t]) * row[t];
  return foldLanes(sum);
}

__global__ void normalizeRowsKernel(ConstMatrix x, Matrix out, int64_t first, int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    const double sum = squaresOf(rowAt(x, i), x.cols);
    if (!isfinite(sum) && laneOf() == 0) atomicLeast(bad, first + i);
    const double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) {
      rowAt(out, i)[t] = static_cast<float>(rowAt(x, i)[t] * scale);
    }
  }
}

void normalize_rows(Workers& workers, ConstMatrix x, Matrix out) {
  CudaState& state = CudaState::of(workers);
  FirstBadRow bad(state);
  RowChunks chunks(state, x, out, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    DC4J_LAUNCH(normalizeRowsKernel, blocksForLoop(chunk.x.rows, kBlock / kWarp), kBlock, 0,
                state.stream(), chunk.x, chunk.out, chunk.first, bad.data());
  }
  chunks.finish();
  bad.check("x");
}

}  // namespace cuda
}  // namespace dc4j
