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

// Where the emulation has the same result in one turn of all lanes, it takes that instead of the
// shuffles; its own test compares the two.

template <typename T>
__device__ inline T foldByShuffles(T value) {
  for (int s = kWarp / 2; s > 0; s /= 2) value += __shfl_down_sync(kAllLanes, value, s);
  return fromLane(value, 0);
}

/** lane[l] += lane[l + s] for s = 16, 8, 4, 2, 1, as core/exact_score.h folds; in every lane. */
template <typename T>
__device__ inline T foldLanes(T value) {
#ifdef __CUDACC__
  return foldByShuffles(value);
#else
  return dc4j_emulation::fold<T, 1>(kAllLanes, {{value}}).of[0];
#endif
}

constexpr int kFolded = 8;

__device__ inline double foldEightByShuffles(const double (&values)[kFolded]) {
  double four[4], two[2];
  const bool high = laneOf() & 16, middle = laneOf() & 8, low = laneOf() & 4;
  DC4J_UNROLL
  for (int c = 0; c < 4; c++) {
    const double given = high ? values[c] : values[c + 4], kept = high ? values[c + 4] : values[c];
    four[c] = kept + __shfl_xor_sync(kAllLanes, given, 16);
  }
  DC4J_UNROLL
  for (int c = 0; c < 2; c++) {
    const double given = middle ? four[c] : four[c + 2], kept = middle ? four[c + 2] : four[c];
    two[c] = kept + __shfl_xor_sync(kAllLanes, given, 8);
  }
  const double given = low ? two[0] : two[1], kept = low ? two[1] : two[0];
  double sum = kept + __shfl_xor_sync(kAllLanes, given, 4);
  sum += __shfl_xor_sync(kAllLanes, sum, 2);
  sum += __shfl_xor_sync(kAllLanes, sum, 1);
  return sum;
}

/** foldLanes of eight numbers at once, of number l / 4 in lane l: a lane keeps half of what it has
 * and gives away the other half, so nine shuffles do what eight folds need 48 for. A sum of two is
 * the same from either side. */
__device__ inline double foldEight(const double (&values)[kFolded]) {
#ifdef __CUDACC__
  return foldEightByShuffles(values);
#else
  dc4j_emulation::Several<double, kFolded> several;
  for (int c = 0; c < kFolded; c++) several.of[c] = values[c];
  return dc4j_emulation::fold(kAllLanes, several).of[laneOf() / 4];
#endif
}

/** The value of a warp that no other goes before. */
template <typename T, typename Before>
__device__ inline T firstByShuffles(T value, const Before& before) {
  for (int s = kWarp / 2; s > 0; s /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, s);
    value = before(other, value) ? other : value;
  }
  return value;
}

template <typename T>
__device__ inline T largestByShuffles(T value) {
  return firstByShuffles(value, [](T a, T b) { return a > b; });
}

template <typename T>
__device__ inline T leastByShuffles(T value) {
  return firstByShuffles(value, [](T a, T b) { return a < b; });
}

template <typename T>
__device__ inline T largestOfWarp(T value) {
#ifdef __CUDACC__
  return largestByShuffles(value);
#else
  return dc4j_emulation::reduce<T, dc4j_emulation::Most>(kAllLanes, value);
#endif
}

template <typename T>
__device__ inline T leastOfWarp(T value) {
#ifdef __CUDACC__
  return leastByShuffles(value);
#else
  return dc4j_emulation::reduce<T, dc4j_emulation::Least>(kAllLanes, value);
#endif
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
