// The bound of search.h, E, of a row and a tile of columns.
#pragma once
#include "cuda/platform.h"
#include "cuda/search_parts.h"

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

}  // namespace cuda
}  // namespace dc4j
