// Reductions over a block of kReducingThreads threads, in a fixed order; every thread calls them
// and gets the result. Between two calls of the same one lies a barrier of the block.
#pragma once
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kReducingThreads = 256;
constexpr int kReducingWarps = kReducingThreads / kWarp;

/** Ends with reads of shared memory: the caller's next barrier frees it. */
__device__ inline double sumOfBlock(double value) {
  DC4J_SHARED(double, warps, [kReducingWarps]);
  const double mine = foldLanes(value);
  if (laneOf() == 0) warps[warpOf()] = mine;
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < kReducingWarps; w++) sum += warps[w];
  return sum;
}

__device__ inline float largestOfBlock(float value) {
  DC4J_SHARED(float, warps, [kReducingWarps]);
  const float mine = largestOfWarp(value);
  if (laneOf() == 0) warps[warpOf()] = mine;
  __syncthreads();
  float largest = warps[0];
  for (int w = 1; w < kReducingWarps; w++) largest = warps[w] > largest ? warps[w] : largest;
  return largest;
}

}  // namespace cuda
}  // namespace dc4j
