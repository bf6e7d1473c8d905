#include "cuda/exact_score.h"
#include "cuda/follow_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** A warp a centroid; places gets 0 or -1. */
__global__ void compareCentroidsKernel(ConstMatrix centroids, ConstMatrix previous,
                                       int32_t* places) {
  for (int64_t j = warpOfGrid(); j < centroids.rows; j += warpsOfGrid()) {
    bool different = false;
    for (int64_t t = laneOf(); t < centroids.cols; t += kWarp) {
      different = different ||
                  __float_as_uint(rowAt(centroids, j)[t]) != __float_as_uint(rowAt(previous, j)[t]);
    }
    different = ballotOfWarp(different) != 0;
    if (laneOf() == 0) places[j] = different ? 0 : -1;
  }
}

/** One warp: ids in order. */
__global__ void numberMovedKernel(int64_t k, MovedCentroids to) {
  int64_t count = 0;
  for (int64_t j0 = 0; j0 < k; j0 += kWarp) {
    const int64_t j = j0 + laneOf();
    const bool moved = j < k && to.places[j] == 0;
    const unsigned all = ballotOfWarp(moved);
    if (moved) {
      const int64_t place = count + __popc(all & ((1u << laneOf()) - 1));
      to.places[j] = static_cast<int32_t>(place);
      to.ids[place] = j;
    }
    count += __popc(all);
  }
  if (laneOf() == 0) *to.count = count;
}

void findMoved(CudaState& state, ConstMatrix centroids, ConstMatrix previous,
               const MovedCentroids& to) {
  DC4J_LAUNCH(compareCentroidsKernel, blocksForLoop(centroids.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), centroids, previous, to.places);
  DC4J_LAUNCH(numberMovedKernel, 1, kWarp, 0, state.stream(), centroids.rows, to);
}

__device__ inline double scoreOf(const float* x, const float* c, int64_t d) {
  return exactDot(c, c, d) - 2 * exactDot(x, c, d);
}

/** A warp a row. */
__global__ void groupRowsKernel(RowGroups groups) {
  const int64_t d = groups.x.cols;
  for (int64_t i = warpOfGrid(); i < groups.x.rows; i += warpsOfGrid()) {
    const int64_t own = groups.labels[i];
    bool keeps = own >= 0 && own < groups.centroids.rows;
    if (keeps && groups.moved.places[own] >= 0) {
      const float* row = rowAt(groups.x, i);
      keeps = scoreOf(row, rowAt(groups.centroids, own), d) <=
              scoreOf(row, rowAt(groups.previous, own), d);
    }
    if (laneOf() != 0) continue;
    int64_t* list = keeps ? groups.some : groups.all;
    unsigned long long* count =
        reinterpret_cast<unsigned long long*>(groups.counts + (keeps ? 0 : 1));
    list[atomicAdd(count, 1ULL)] = i;
  }
}

void groupRows(CudaState& state, const RowGroups& groups) {
  DC4J_LAUNCH(groupRowsKernel, blocksForLoop(groups.x.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), groups);
}

/** A warp a row that was searched. */
__global__ void takeMovedKernel(SearchResult result, MovedCentroids moved, ConstMatrix centroids,
                                int32_t* labels) {
  const ConstMatrix x = result.chunk.x;
  for (int64_t p = warpOfGrid(); p < result.rows; p += warpsOfGrid()) {
    const int64_t i = result.picked[p], row = result.chunk.first + i;
    const int64_t nearest = result.best[p * result.neighbours].id, own = labels[row];
    if (nearest < 0) continue;
    const int64_t best = moved.ids[nearest];
    bool better = true;
    if (moved.places[own] < 0) {  // was not among them
      const double found = scoreOf(rowAt(x, i), rowAt(centroids, best), x.cols);
      const double kept = scoreOf(rowAt(x, i), rowAt(centroids, own), x.cols);
      better = found < kept || (found == kept && best < own);
    }
    __syncwarp();  // all lanes have read the label
    if (better && laneOf() == 0) labels[row] = static_cast<int32_t>(best);
  }
}

void takeMoved(CudaState& state, const SearchResult& result, const MovedCentroids& moved,
               ConstMatrix centroids, int32_t* labels) {
  DC4J_LAUNCH(takeMovedKernel, blocksForLoop(result.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), result, moved, centroids, labels);
}

}  // namespace cuda
}  // namespace dc4j
