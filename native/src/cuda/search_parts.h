// The steps of a search (search.h), each a kernel that is queued.
#pragma once
#include <cuda_fp16.h>

#include "cuda/first_bad_row.h"
#include "cuda/search.h"

namespace dc4j {
namespace cuda {

constexpr int kTileColumns = 64;
constexpr int kTileRows = 64;
constexpr unsigned kColumnBits = kTileColumns - 1;  // of a leader, that say which column it is
constexpr int kTilesTogether = 4;                   // a row's tiles are allocated in multiples
constexpr float kNoTile = -3e38f;                   // the bias of columns that are in no tile
constexpr int64_t kLargestDimension = 1 << 16;
constexpr int64_t kLargestNeighbours = 2048;

inline int64_t roundUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

/** Rows as tiles take them. Arrays have `padded` rows; rows beyond `rows` are 0. */
struct Rounded {
  int64_t rows, padded, d, padded_d;
  __half* values;  // [padded x padded_d]
  float* quantum;  // [padded] values * quantum = x^; 0 for columns of no tile
  double* square;  // [padded] |x|^2 in the order of the exact score
  float* norm;     // [padded] |x|, rounded up
  float* error;    // [padded] |x - x^|, rounded up
};

/** Memory behind a Rounded. */
class RoundedRows {
 public:
  RoundedRows(CudaState& state, int64_t rows, int64_t d);
  const Rounded& view() const { return view_; }
  /** Bytes for a row of width d. */
  static int64_t bytesPerRow(int64_t d);

 private:
  int64_t padded_, padded_d_;
  DeviceArray<__half> values_;
  DeviceArray<float> quantum_, norm_, error_;
  DeviceArray<double> square_;
  Rounded view_;
};

/** Rounds and measures the rows of x, or to.rows that are picked (NULL: all); those that are not
 * finite go to bad as row first + i. */
void roundRows(CudaState& state, ConstMatrix x, const int64_t* picked, int64_t first,
               const Rounded& to, int64_t* bad);

/** Columns of a search. */
struct Columns {
  ConstMatrix base;  // [k x d]
  Rounded rounded;
  int64_t tiles, stride;  // stride: tiles, rounded up to kTilesTogether
  float* bias;            // [64 stride] b_j, or kNoTile
  float* tile_norm;       // [tiles] largest |c| of the columns in the tile
  float* tile_error;      // [tiles] largest |c - c^|
  float* tile_rest;       // [tiles] largest g |b| + 2^-110
  int32_t* outliers;      // [k] columns of no tile that are candidates of every row
  int32_t* outlier_count;
};

/** Fills what follows `rounded` in columns. */
void measureColumns(CudaState& state, const Columns& columns);

/** What the coarse pass leaves of a row and a tile, [padded rows x stride]. */
struct Coarse {
  float* best;  // its last bits, kColumnBits, are its column's in the tile
  float* second;
};

void coarsePass(CudaState& state, const Rounded& rows, const Columns& columns, const Coarse& to);

struct Decision {
  ConstMatrix x;
  const int64_t* picked;  // [rows.rows] rows of x, or NULL: all
  int64_t first;          // of x, in the whole
  Rounded rows;
  Columns columns;
  Coarse coarse;
  bool tiles;  // false: exact scores alone
  int64_t neighbours;
  const int64_t* exclude;  // [x.rows] or NULL
  bool exclude_itself;
  int64_t base_first;  // of the columns, in the base that exclude's rows are of
  // Of one neighbour whose score need not be known, which needs no score where one candidate is
  // left: the rows with several, [rows.rows], and how many. Else NULL.
  int64_t *open, *open_count;
  Scored* best;  // [rows.rows x neighbours]
};

void decide(CudaState& state, const Decision& decision);
/** Decides rows with one candidate and lists the others in decision.open. */
void decideSingles(CudaState& state, const Decision& decision);

}  // namespace cuda
}  // namespace dc4j
