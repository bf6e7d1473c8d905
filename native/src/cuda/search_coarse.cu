// The coarse pass of a search: the best and second-best t_ij of every row and tile of columns, from
// fp16 products on tensor cores (search.h). n k d multiply-adds; a warp has 16 rows and a tile of
// columns at a time.
#include <cmath>

#include "cuda/hopper/coarse.h"
#include "cuda/leaders.h"
#include "cuda/search_parts.h"
#include "cuda/tensor_tile.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kWarpRows = kTensorTile;
constexpr int kWarps = kTileRows / kWarpRows;
constexpr int kAcross = kTileColumns / kTensorTile;
constexpr int kStride = kTileColumns + 4;  // of a tile in shared memory

/** Products of 16 rows and a tile of columns into shared memory. */
__device__ inline void multiplyTile(const Rounded& rows, const Rounded& columns, int64_t row,
                                    int64_t column, float* to) {
  TensorTile<__half, float> sums[kAcross];
  const __half* a = rows.values + row * rows.padded_d;
  const __half* b = columns.values + column * columns.padded_d;
  for (int64_t t = 0; t < rows.padded_d; t += kTensorTile) {
    for (int c = 0; c < kAcross; c++) {
      sums[c].add(a + t, rows.padded_d, b + c * kTensorTile * columns.padded_d + t,
                  columns.padded_d);
    }
  }
  for (int c = 0; c < kAcross; c++) sums[c].store(to + c * kTensorTile, kStride);
}

/** Two lanes a row, each half of the tile's columns; the leaders of both in both. */
__device__ inline Leaders leadersOf(const float* tile, float quantum, const Columns& columns,
                                    int64_t column) {
  const int row = laneOf() / 2, from = laneOf() % 2 * (kTileColumns / 2);
  Leaders leaders;
  for (int s = from; s < from + kTileColumns / 2; s++) {
    const float scale = quantum * columns.rounded.quantum[column + s];
    const float bias = columns.bias[column + s];
    offer(leaders,
          marked(tile[row * kStride + s] * scale + bias, kColumnBits, static_cast<unsigned>(s)));
  }
  const float best = __shfl_xor_sync(kAllLanes, leaders.best, 1);
  const float second = __shfl_xor_sync(kAllLanes, leaders.second, 1);
  return merged(leaders, {best, second});
}

__global__ void coarseKernel(Rounded rows, Columns columns, Coarse to) {
  DC4J_SHARED(float, tiles, [kWarps][kWarpRows * kStride]);
  float* tile = tiles[warpOf()];
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kTileRows + warpOf() * kWarpRows;
  const int64_t mine = row + laneOf() / 2;
  for (int64_t c = blockIdx.y; c < columns.tiles; c += gridDim.y) {
    multiplyTile(rows, columns.rounded, row, c * kTileColumns, tile);
    __syncwarp();
    const Leaders leaders = leadersOf(tile, rows.quantum[mine], columns, c * kTileColumns);
    if (laneOf() % 2 == 0) {
      to.best[mine * columns.stride + c] = leaders.best;
      to.second[mine * columns.stride + c] = leaders.second;
    }
    __syncwarp();
  }
}

void coarsePass(CudaState& state, const Rounded& rows, const Columns& columns, const Coarse& to) {
  if (state.hopper()) return hopper::coarsePass(state, rows, columns, to);
  const auto down = static_cast<unsigned>(rows.padded / kTileRows);
  // A few blocks of rows alone would leave most of the device idle: columns are split as well.
  const unsigned wanted = 8u * static_cast<unsigned>(state.multiprocessors());
  const int64_t across = down == 0 ? 0 : (wanted + down - 1) / down;
  const dim3 grid(down, static_cast<unsigned>(across < columns.tiles ? across : columns.tiles));
  DC4J_LAUNCH(coarseKernel, grid, kWarps * kWarp, 0, state.stream(), rows, columns, to);
}

}  // namespace cuda
}  // namespace dc4j
