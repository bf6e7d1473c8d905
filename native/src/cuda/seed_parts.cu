#include <cmath>

#include "cuda/seed_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** Squared distances to rows [first, first + 8) of `to`, as far as there are; lane l has that of
 * row first + l / 4, infinity where there is none. */
__device__ inline double eightDistances(const float* x, ConstMatrix to, int64_t first) {
  const int64_t left = to.rows - first;
  double sums[kFolded];
  DC4J_UNROLL
  for (int p = 0; p < kFolded; p++) sums[p] = 0;
  for (int64_t t = laneOf(); t < to.cols; t += kWarp) {
    const double value = x[t];
    DC4J_UNROLL
    for (int p = 0; p < kFolded; p++) {
      if (p >= left) continue;
      const double difference = value - static_cast<double>(rowAt(to, first + p)[t]);
      sums[p] = fma(difference, difference, sums[p]);
    }
  }
  const double sum = foldEight(sums);
  return laneOf() / 4 < left ? sum : INFINITY;
}

/** A warp a row. */
__global__ void lowerWeightsKernel(ConstMatrix x, ConstMatrix newer, bool first, double* weight) {
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    double least = INFINITY;
    for (int64_t c = 0; c < newer.rows; c += kFolded) {
      least = fmin(least, eightDistances(rowAt(x, i), newer, c));
    }
    least = leastOfWarp(least);
    if (laneOf() == 0 && (first || least < weight[i])) weight[i] = least;
  }
}

void lowerWeights(CudaState& state, ConstMatrix x, ConstMatrix newer, bool first, double* weight) {
  DC4J_LAUNCH(lowerWeightsKernel, blocksForLoop(x.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              x, newer, first, weight);
}

__global__ void sumWeightsKernel(const double* weight, int64_t n, double* sums) {
  for (int64_t b = threadOfGrid(); b * kSeedBlock < n; b += threadsOfGrid()) {
    const int64_t end = n - b * kSeedBlock < kSeedBlock ? n : (b + 1) * kSeedBlock;
    double sum = 0;
    for (int64_t i = b * kSeedBlock; i < end; i++) sum += weight[i];
    sums[b] = sum;
  }
}

void sumWeights(CudaState& state, const double* weight, int64_t n, double* sums) {
  const int64_t blocks = (n + kSeedBlock - 1) / kSeedBlock;
  DC4J_LAUNCH(sumWeightsKernel, blocksForLoop(blocks, kWarp), kWarp, 0, state.stream(), weight, n,
              sums);
}

__global__ void findRowsKernel(const SeedDraw* draws, int64_t count, const double* weight,
                               int64_t n, int64_t* rows, double* weights) {
  for (int64_t q = threadOfGrid(); q < count; q += threadsOfGrid()) {
    rows[q] = rowOf(draws[q], weight, n);
    weights[q] = weight[rows[q]];
  }
}

void findRows(CudaState& state, const SeedDraw* draws, int64_t count, const double* weight,
              int64_t n, int64_t* rows, double* weights) {
  DC4J_LAUNCH(findRowsKernel, blocksForLoop(count, kWarp), kWarp, 0, state.stream(), draws, count,
              weight, n, rows, weights);
}

/** A warp a row and eight of those before it. */
__global__ void measurePairsKernel(ConstMatrix x, double* distances) {
  const int64_t groups = (x.rows + kFolded - 1) / kFolded;
  for (int64_t w = warpOfGrid(); w < x.rows * groups; w += warpsOfGrid()) {
    const int64_t q = w / groups, first = w % groups * kFolded;
    if (first >= q) continue;
    const double distance = eightDistances(rowAt(x, q), x, first);
    const int64_t p = first + laneOf() / 4;
    if (laneOf() % 4 == 0 && p < q) distances[q * x.rows + p] = distance;
  }
}

void measurePairs(CudaState& state, ConstMatrix x, double* distances) {
  const int64_t groups = (x.rows + kFolded - 1) / kFolded;
  DC4J_LAUNCH(measurePairsKernel, blocksForLoop(x.rows * groups, kBlock / kWarp), kBlock, 0,
              state.stream(), x, distances);
}

}  // namespace cuda
}  // namespace dc4j
