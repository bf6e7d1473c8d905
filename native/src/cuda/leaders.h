// The best and second-best of what a thread saw of a tile, for the coarse passes of a search
// (search.h).
#pragma once
#include <cmath>

#include "cuda/platform.h"

namespace dc4j {
namespace cuda {

struct Leaders {
  float best = -INFINITY, second = -INFINITY;
};

__device__ inline void offer(Leaders& leaders, float value) {
  leaders.second = fmaxf(leaders.second, fminf(leaders.best, value));
  leaders.best = fmaxf(leaders.best, value);
}

/** Leaders of both. */
__device__ inline Leaders merged(const Leaders& a, const Leaders& b) {
  return {fmaxf(a.best, b.best), fmaxf(fmaxf(a.second, b.second), fminf(a.best, b.best))};
}

/** value, which is finite, with the last bits, `bits`, replaced by mark. */
__device__ inline float marked(float value, unsigned bits, unsigned mark) {
  return __uint_as_float((__float_as_uint(value) & ~bits) | mark);
}

}  // namespace cuda
}  // namespace dc4j
