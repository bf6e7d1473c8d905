// What the 32 threads of a warp do together. Every function but laneOf and warpOf is called by all
// of them at once.
#pragma once
#include "cuda/platform.h"

namespace dc4j {
namespace cuda {

constexpr unsigned kAllLanes = 0xffffffffu;

/** Of the calling thread, in one-dimensional blocks. */
__device__ inline int laneOf() { return static_cast<int>(threadIdx.x % kWarp); }
__device__ inline int warpOf() { return static_cast<int>(threadIdx.x / kWarp); }
/** Warps of the grid before this one; one-dimensional grids and blocks. */
__device__ inline int64_t warpOfGrid() {
  return (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarp;
}
__device__ inline int64_t warpsOfGrid() {
  return static_cast<int64_t>(gridDim.x) * blockDim.x / kWarp;
}
__device__ inline int64_t threadOfGrid() {
  return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline int64_t threadsOfGrid() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

/** The value of lane `lane`, in every lane. */
template <typename T>
__device__ inline T fromLane(T value, int lane) {
  return __shfl_sync(kAllLanes, value, lane);
}

/** lane[l] += lane[l + s] for s = 16, 8, 4, 2, 1, as core/exact_score.h folds; in every lane. */
template <typename T>
__device__ inline T foldLanes(T value) {
#ifdef __CUDACC__
  for (int s = kWarp / 2; s > 0; s /= 2) value += __shfl_down_sync(kAllLanes, value, s);
  return fromLane(value, 0);
#else
  return dc4j_emulation::fold(kAllLanes, value);  // the same sums in one turn instead of six
#endif
}

template <typename T>
__device__ inline T largestOfWarp(T value) {
  for (int s = kWarp / 2; s > 0; s /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, s);
    value = other > value ? other : value;
  }
  return value;
}

template <typename T>
__device__ inline T leastOfWarp(T value) {
  for (int s = kWarp / 2; s > 0; s /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, s);
    value = other < value ? other : value;
  }
  return value;
}

/** Bit l: what lane l says. */
__device__ inline unsigned ballotOfWarp(bool yes) { return __ballot_sync(kAllLanes, yes); }

/** Adds to a signed 64-bit sum; integers, so the order does not matter. */
__device__ inline void atomicAddTo(int64_t* sum, int64_t value) {
  atomicAdd(reinterpret_cast<unsigned long long*>(sum), static_cast<unsigned long long>(value));
}

/** Makes *least the smaller of it and value; both >= 0. */
__device__ inline void atomicLeast(int64_t* least, int64_t value) {
  atomicMin(reinterpret_cast<unsigned long long*>(least), static_cast<unsigned long long>(value));
}

}  // namespace cuda
}  // namespace dc4j
