// Reductions over a block, of kReducingThreads threads unless it is told another number, in a fixed
// order; every thread calls them and gets the result. Between two calls of the same one lies a
// barrier of the block.
#pragma once
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kReducingThreads = 256;

/** Ends with reads of shared memory: the caller's next barrier frees it. */
template <int kThreads = kReducingThreads>
__device__ inline double sumOfBlock(double value) {
  DC4J_SHARED(double, warps, [kThreads / kWarp]);
  const double mine = foldLanes(value);
  if (laneOf() == 0) warps[warpOf()] = mine;
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < kThreads / kWarp; w++) sum += warps[w];
  return sum;
}

template <int kThreads = kReducingThreads>
__device__ inline float largestOfBlock(float value) {
  DC4J_SHARED(float, warps, [kThreads / kWarp]);
  const float mine = largestOfWarp(value);
  if (laneOf() == 0) warps[warpOf()] = mine;
  __syncthreads();
  float largest = warps[0];
  for (int w = 1; w < kThreads / kWarp; w++) largest = warps[w] > largest ? warps[w] : largest;
  return largest;
}

}  // namespace cuda
}  // namespace dc4j
