// The bound of search.h, E, of a row and a tile of columns.
#pragma once
#include <cmath>

#include "cuda/search_parts.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr float kLargestRow = 1e18f;
constexpr double kSpare = 1.0001;

/** What E needs of a row: E = by_norm |c| + by_error |c - c^| + the tile's rest. */
struct RowBound {
  float by_norm, by_error;
};

__device__ inline RowBound boundOf(const Rounded& rows, int64_t i) {
  const double g = 16 * 0x1p-24;
  const double products = static_cast<double>(rows.padded_d + 16) * 0x1p-22 + 0x1p-17;
  const double error = rows.error[i], hat = static_cast<double>(rows.norm[i]) + error;
  return {__double2float_ru(kSpare * (error + (products + g) * hat)),
          __double2float_ru(kSpare * (1 + products) * hat)};
}

__device__ inline float errorOf(const RowBound& bound, const Columns& columns, int64_t tile) {
  return bound.by_norm * columns.tile_norm[tile] + bound.by_error * columns.tile_error[tile] +
         columns.tile_rest[tile];
}

/** The largest (best - E) over a row's tiles, in every lane: the threshold of one neighbour. */
__device__ inline float largestMargin(const Columns& columns, const float* best,
                                      const RowBound& bound) {
  float largest = -INFINITY;
  DC4J_UNROLL_BY(4)
  for (int64_t c = laneOf(); c < columns.tiles; c += kWarp) {
    largest = fmaxf(largest, best[c] - errorOf(bound, columns, c));
  }
  return largestOfWarp(largest);
}

}  // namespace cuda
}  // namespace dc4j
