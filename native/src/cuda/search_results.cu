#include <cmath>

#include "core/exact_score.h"
#include "cuda/device_array.h"
#include "cuda/exact_score.h"
#include "cuda/search_results.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

__device__ inline void writeDistance(ConstMatrix x, int64_t i, int64_t label, int64_t row,
                                     const LabelResults& to) {
  const double distance =
      label < 0 ? 0 : exactSquaredDistance(rowAt(x, i), rowAt(to.centroids, label), x.cols);
  if (laneOf() != 0) return;
  if (to.distances != nullptr) to.distances[row] = static_cast<float>(distance);
  if (to.exact != nullptr) to.exact[row] = distance;
}

/** A warp a row. */
__global__ void writeLabelsKernel(SearchResult result, LabelResults to) {
  const ConstMatrix x = result.chunk.x;
  for (int64_t p = warpOfGrid(); p < result.rows; p += warpsOfGrid()) {
    const int64_t i = result.picked == nullptr ? p : result.picked[p];
    const int64_t label = result.best[p * result.neighbours + to.place].id;
    const int64_t row = result.chunk.first + i;
    if (laneOf() == 0) to.labels[row] = static_cast<int32_t>(label);
    if (to.distances == nullptr && to.exact == nullptr) continue;
    writeDistance(x, i, label, row, to);
  }
}

__global__ void writeDistancesKernel(RowChunk chunk, LabelResults to) {
  for (int64_t i = warpOfGrid(); i < chunk.x.rows; i += warpsOfGrid()) {
    const int64_t row = chunk.first + i;
    writeDistance(chunk.x, i, to.labels[row], row, to);
  }
}

void writeDistances(CudaState& state, const RowChunk& chunk, const LabelResults& to) {
  if (to.distances == nullptr && to.exact == nullptr) return;
  DC4J_LAUNCH(writeDistancesKernel, blocksForLoop(chunk.x.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), chunk, to);
}

void writeLabels(CudaState& state, const SearchResult& result, const LabelResults& to) {
  DC4J_LAUNCH(writeLabelsKernel, blocksForLoop(result.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), result, to);
}

__global__ void sumBlocksKernel(const double* exact, int64_t n, double* sums) {
  for (int64_t block = threadOfGrid(); block * kObjectiveBlock < n; block += threadsOfGrid()) {
    const int64_t end = (block + 1) * kObjectiveBlock < n ? (block + 1) * kObjectiveBlock : n;
    double sum = 0;
    for (int64_t i = block * kObjectiveBlock; i < end; i++) sum += exact[i];
    sums[block] = sum;
  }
}

__global__ void sumKernel(const double* values, int64_t count, double* sum) {
  double total = 0;
  for (int64_t i = 0; i < count; i++) total += values[i];
  *sum = total;
}

void sumInBlocks(CudaState& state, const double* exact, int64_t n, double* sum) {
  const int64_t blocks = (n + kObjectiveBlock - 1) / kObjectiveBlock;
  const DeviceArray<double> sums(state, blocks);
  DC4J_LAUNCH(sumBlocksKernel, blocksForLoop(blocks, 32), 32, 0, state.stream(), exact, n,
              sums.data());
  DC4J_LAUNCH(sumKernel, 1, 1, 0, state.stream(), sums.data(), blocks, sum);
}

/** A warp a neighbour. */
__global__ void writeNeighboursKernel(SearchResult result, NeighbourResults to) {
  const ConstMatrix x = result.chunk.x;
  const int64_t m = to.neighbours, found = result.neighbours;
  for (int64_t p = warpOfGrid(); p < x.rows * m; p += warpsOfGrid()) {
    const int64_t id = p % m < found ? result.best[p / m * found + p % m].id : -1;
    const int64_t place = result.chunk.first * m + p;
    if (laneOf() == 0) to.ids[place] = id;
    if (to.distances == nullptr) continue;
    const double distance =
        id < 0 ? INFINITY : exactSquaredDistance(rowAt(x, p / m), rowAt(to.base, id), x.cols);
    if (laneOf() == 0) to.distances[place] = static_cast<float>(distance);
  }
}

void writeNeighbours(CudaState& state, const SearchResult& result, const NeighbourResults& to) {
  DC4J_LAUNCH(writeNeighboursKernel,
              blocksForLoop(result.chunk.x.rows * to.neighbours, kBlock / kWarp), kBlock, 0,
              state.stream(), result, to);
}

}  // namespace cuda
}  // namespace dc4j
