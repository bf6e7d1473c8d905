// The nearest m rows of `base` for every row of `rows`, by lowest (exact score, row): the engine of
// kmeans_assign, kmeans_assign2 and nearest. O(rows * base * d) multiply-adds in tiles of fp32,
// int16, int8 or both (search_format.h), then a few fp32 products and exact scores per row. Never a
// rows x base matrix.
//
// Certified candidates. Write S_ij = x_i.c_j - |c_j|^2 / 2 = -score / 2 as the exact score
// evaluates it in fp64 (halving is exact), u = 2^-24, g(n) = n u / (1 - n u), b_j = fl(-|c_j|^2 /
// 2). A tile gives t_ij with |t_ij - S_ij| <= E_ij:
//
// fp32: t is b_j followed by d multiply-adds. By the usual bound on a sum in any order
//   |t_ij - (b_j + x_i.c_j)| <= g(d + 1) (|b_j| + |x_i||c_j|)
// (d + 1: a tier without fused multiply-adds rounds the products as well); rounding the bias adds u
// |b_j| and the fp64 evaluation of S (d + 3) 2^-53 of the same magnitude. Each operation may lose
// 2^-149 to underflow. So
//   E_ij = g(d + 12) 1.0001 (|b_j| + |x_i||c_j|) + (d + 12) 2^-147,
// which leaves more than 8 u (|b_j| + |x_i||c_j|) for the few fp32 roundings of comparisons with E.
//
// int16, int8: x = x^ + e_x and c = c^ + e_c with x^, c^ integers times a quantum per row and per
// panel of columns, the residuals |e_x|, |e_c| measured (quantise.h). As x.c = x^.c^ + e_x.c +
// x^.e_c, the quantisation costs at most |e_x||c| + |x^||e_c|. x^.c^ is an exact int32 sum; scaling
// it and adding b_j are four roundings, so with 8 u left for comparisons as above
//   E_ij = 1.0001 ((|e_x| + g(16) |x^|) |c| + |x^||e_c|) + g(16) |b_j| + 2^-110,
// |x^| <= |x| + |e_x|; the last term covers quanta whose product underflows.
//
// mixed: the same, x^ and c^ being multiples of one quantum of the row with larger integers for
// some elements (quantised_row.h).
//
// Norms are measured in fp64 or bounded from above (row_size.h); the factor 1.0001 covers their
// rounding. E is taken per row and column panel, with the panel's largest norm and residual.
//
// If w is one of the m best by S, at least one of any m other columns l has S_l <= S_w, hence t_w +
// E_w >= S_w >= the m-th largest (t_l - E_l) seen so far. That running threshold is what a tile is
// compared with; columns that reach it are kept, and kept ones that fall below it later are
// dropped. A hint starts the threshold at a bound of its own S. For one neighbour panels are
// scanned twice, a group at a time, first for the threshold alone (search_twice.cpp). What is left
// at the end is bounded again by fp32 products, and what then is left is decided by exact scores.
// If too many are left midway (ties, duplicates) they are decided at once and only the best m stay,
// with their exact S as bounds. Bit-identical columns beyond the first m + 1 are left out from the
// start, so mass duplicates cost nothing.
//
// Rows within a distance. A request may ask for the nearest column by direct squared distance D,
// and only where D < w_i. D is evaluated in fp64 with relative error g = (d + 16) 2^-53, and
// exactly D = |x|^2 - 2 S, so such a column has S > (|x|^2 - w (1 + 2 g)) / 2: there the threshold
// starts, and a row none of whose columns reaches it costs its tiles alone. Where another column
// raises it to a lower bound B of its own S, the nearest by D may have an S below B by the error of
// both D, hence B - 2 g w is taken (a column of D >= w has B - 2 g w below the start). What is left
// is decided by D in the place of the exact score. candidates.h has both bounds, with g doubled.
//
// Which format: the one that promises least work on a sample of the rows (search_choice.cpp); data
// that defeat int8 go to mixed words where few elements are to blame (one huge coordinate, a
// falling spectrum), to int16 or fp32 where all are (near ties).
//
// Numbers fp32 products could overflow on never enter a tile: columns with |c|^2 > 1e36 are
// candidates of every row, rows with |x| > 1e18 (or all, where d or m is too large for the bound or
// the lists) are decided by exact scores alone. Results therefore do not depend on tier, format,
// threads or tile sizes.
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct SearchRequest {
  ConstMatrix rows;
  const char* rows_name;
  ConstMatrix base;
  const char* base_name;
  int64_t neighbours;      // >= 1
  const int64_t* exclude;  // [rows] a base row not to return, -1 = none; or NULL
  const int32_t* hints;    // [rows] a base row believed the nearest; others than 0..base-1 are
                           // ignored; or NULL. Read where neighbours is 1 and exclude NULL.

  // Or NULL: the rows to search, in this order; [rows] above and below is then [picked].
  const int64_t* picked = nullptr;
  int64_t picked_rows = 0;

  // Or NULL: [rows] finite; take receives the base row nearest by direct squared distance, lowest
  // row on ties, where that distance is below within[i], else any row or none. neighbours is 1,
  // exclude NULL.
  const double* within = nullptr;

  /** Whether one neighbour is wanted, of all rows and by score alone: panels are then scanned twice
   * (search_twice.cpp). */
  bool scansTwice() const { return neighbours == 1 && exclude == nullptr && within == nullptr; }

  int64_t count() const { return picked == nullptr ? rows.rows : picked_rows; }
  int64_t id(int64_t i) const { return picked == nullptr ? i : picked[i]; }
};

/** Receives each row's result once, from any worker. */
class SearchSink {
 public:
  /** Whether take receives squared distances, exact ones. */
  virtual bool takesSquared() const { return false; }
  /** @param squared distances [found], or NULL where takesSquared() is false */
  virtual void take(int64_t row, const int64_t* ids, const double* squared,
                    int64_t found) const = 0;

 protected:
  ~SearchSink() = default;
};

void search(Workers& workers, const SearchRequest& request, const SearchSink& sink);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
