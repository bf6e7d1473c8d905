// Rows that the coarse pass leaves one candidate are decided by its bound: no score is needed
// (search.h). Most rows of a k-means assignment are such. A warp a row.
#include "cuda/search_bound.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** The only candidate of row i, or -1: there are several. */
__device__ inline int64_t singleOf(const Decision& d, int64_t i) {
  const Columns& columns = d.columns;
  const RowBound bound = boundOf(d.rows, i);
  const float* best = d.coarse.best + i * columns.stride;
  const float* second = d.coarse.second + i * columns.stride;
  const float threshold = largestMargin(columns, best, bound);
  int count = 0;
  int64_t single = -1;
  DC4J_UNROLL_BY(4)
  for (int64_t c = laneOf(); c < columns.tiles; c += kWarp) {
    const float value = best[c], error = errorOf(bound, columns, c);
    if (!(value + error >= threshold)) continue;
    count += second[c] + error >= threshold ? 2 : 1;
    single = c * kTileColumns + (__float_as_uint(value) & kColumnBits);
  }
  if (__reduce_add_sync(kAllLanes, count) != 1) return -1;
  return largestOfWarp(single);
}

__global__ void decideSinglesKernel(Decision d) {
  const bool outliers = *d.columns.outlier_count > 0;
  for (int64_t i = warpOfGrid(); i < d.rows.rows; i += warpsOfGrid()) {
    const bool bounded = !outliers && d.rows.norm[i] <= kLargestRow;
    const int64_t single = bounded ? singleOf(d, i) : -1;
    if (laneOf() != 0) continue;
    if (single >= 0) {
      d.best[i] = {0, single};
    } else {
      const unsigned long long place =
          atomicAdd(reinterpret_cast<unsigned long long*>(d.open_count), 1ull);
      d.open[place] = i;
    }
  }
}

void decideSingles(CudaState& state, const Decision& decision) {
  check(cudaMemsetAsync(decision.open_count, 0, sizeof(int64_t), state.stream()), "filling");
  DC4J_LAUNCH(decideSinglesKernel, blocksForLoop(decision.rows.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), decision);
}

}  // namespace cuda
}  // namespace dc4j
