// The nearest m rows of `base` for every row of `rows`, by lowest (exact score, row): the engine of
// kmeans_assign, kmeans_assign2, nearest and nearest_self. cpu/search.h has the idea and its proof;
// here the tiles are fp16 tensor-core products, and what a tile leaves open is decided in fp64.
//
// Write S_ij = x_i.c_j - |c_j|^2 / 2 = -score / 2, u = 2^-24, D = d rounded up to 16, b_j =
// fl(-|c_j|^2 / 2). x^ and c^ are x and c rounded to fp16 times a power of two per row (so nothing
// overflows), the residuals e = x - x^ are measured in fp64 and |x|, |x^| <= |x| + |e_x| rounded
// up. A tensor core adds products exactly computed in an order of its own, cutting off instead of
// rounding: an addend of magnitude at most M loses at most 2^-23 M, and every addend and partial
// sum is at most |x^||c^| (Cauchy-Schwarz). With at most D + D / 4 such losses (blocks of 4
// products or more, each followed by one addition) and a factor above 1.5 to spare for what the
// losses add to M,
//   |x^.c^ as computed - x^.c^| <= G |x^||c^|,  G = (D + 16) 2^-22   (D <= 2^16).
// Scaling by powers of two is exact up to underflow, adding b_j and rounding b_j cost 2 u of what
// they add; so with g = 16 u, which leaves more than 8 u for the fp32 comparisons,
//   |t_ij - S_ij| <= E_ij = A_i |c_j| + B_i |e_cj| + g |b_j| + 2^-110,
//   A_i = 1.0001 (|e_xi| + (G + g + P) |x^_i|),  B_i = 1.0001 (1 + G + P) |x^_i|,
// where g of the bias holds P, too: P = 2^-17 for the last six bits of t, which the coarse pass
// replaces by the column's place in its tile (63 units in the last place at most).
// E is taken per row and tile of kTileColumns columns, with the tile's largest norms.
//
// Per row and tile the coarse pass keeps the best t and the second-best t. The m-th
// largest (best - E) over tiles is a lower bound of the m-th largest S (m + 1 where a column is
// excluded): threshold L. A column with t + E < L is not among the m best. So a tile with best + E
// < L is done; one with second + E < L leaves its best column; of others all columns are scored
// exactly. The result does not depend on tiles, chunks or the device.
//
// As on the CPU, columns with |c|^2 > 1e36 are in no tile but candidates of every row, and rows
// with |x| > 1e18 (or all, where d or m is too large) are decided by exact scores alone.
#pragma once
#include <functional>
#include <memory>

#include "core/view.h"
#include "cuda/row_chunks.h"

namespace dc4j {
namespace cuda {

/** What a search is to find. */
struct Wanted {
  const int64_t* exclude = nullptr;  // [rows] on the device: a base row not to return, -1 = none
  bool exclude_itself = false;       // row i must not return base row i
  bool ids_only = false;             // with one neighbour: scores are not read
};

struct SearchRequest {
  ConstMatrix rows;
  const char* rows_name;
  ConstMatrix base;  // on the device
  const char* base_name;
  int64_t neighbours;  // m >= 1
  Wanted wanted = {};
};

struct Scored {
  double score;
  int64_t id;  // -1: there are no more
};

/** Results of a chunk of rows, on the device. */
struct SearchResult {
  RowChunk chunk;
  const int64_t* picked;  // [rows] rows of the chunk that were searched, or NULL: all of it
  int64_t rows;           // how many were
  const Scored* best;     // [rows x neighbours], nearest first
  int64_t neighbours;     // as asked for, or all rows of base if they are fewer; 1 at least
};

/** Calls take for every chunk of rows, once its search is queued; take queues what uses the result.
 *  Waits for everything at the end; throws DC4J_NOT_FINITE for base, then for rows. */
void search(CudaState& state, const SearchRequest& request,
            const std::function<void(const SearchResult&)>& take);

/** A piece of a base. */
struct BasePiece {
  ConstMatrix rows;  // on the device
  int64_t first;     // its first row in the whole
  int64_t* bad;      // takes rows of the whole that are not finite
};

/** A search among one base by chunks of rows that the caller brings. */
class SearchEngine {
 public:
  /** A search among a piece alone: ids are within it, exclude's are of the whole. */
  SearchEngine(CudaState& state, const BasePiece& piece, int64_t neighbours, int64_t rows);
  /** Throws DC4J_NOT_FINITE for base. @param base on the device @param rows of the largest chunk */
  SearchEngine(CudaState& state, ConstMatrix base, const char* base_name, int64_t neighbours,
               int64_t rows);
  ~SearchEngine();
  /** Bytes it keeps for a row of a chunk. */
  static int64_t bytesPerRow(ConstMatrix base, int64_t neighbours);

  /** exclude is [rows of the whole]. Queues the search of a chunk's rows, or of those picked
   * [count] (on the device); rows that are not finite go to bad. The result is valid until the next
   * run. */
  SearchResult run(const RowChunk& chunk, const int64_t* picked, int64_t count,
                   const Wanted& wanted, int64_t* bad);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace cuda
}  // namespace dc4j
