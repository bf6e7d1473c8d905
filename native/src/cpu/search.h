// The nearest m rows of `base` for every row of `rows`, by lowest (exact score, row): the engine of
// kmeans_assign, kmeans_assign2 and nearest. O(rows * base * d) fp32 multiply-adds in tiles, then a
// few exact scores per row. Never a rows x base matrix.
//
// Certified candidates. Write S_ij = x_i.c_j - |c_j|^2 / 2 = -score / 2 as the exact score
// evaluates it in fp64 (halving is exact). A tile gives t_ij: the bias b_j = fl(-|c_j|^2 / 2)
// followed by d fp32 multiply-adds. With u = 2^-24 and g(n) = n u / (1 - n u), the usual bound on a
// sum in any order is
//   |t_ij - (b_j + x_i.c_j)| <= g(d + 1) (|b_j| + sum_t |x_it c_jt|) <= g(d + 1) (|b_j| +
//   |x_i||c_j|)
// (d + 1: a tier without fused multiply-adds rounds the products as well); rounding the bias adds u
// |b_j| and the fp64 evaluation of S (d + 3) 2^-53 of the same magnitude. Each operation may lose
// 2^-149 to underflow. So |t_ij - S_ij| <= E_ij with
//   E_ij = g(d + 12) 1.0001 (|b_j| + |x_i||c_j|) + (d + 12) 2^-147,
// which leaves more than 8 u (|b_j| + |x_i||c_j|) for the few fp32 roundings of comparisons with E.
// Norms are measured in fp64; the factor 1.0001 covers their rounding. E is taken per row and
// column panel, with the panel's largest norm.
//
// If w is one of the m best by S, at least one of any m other columns l has S_l <= S_w, hence t_w +
// E_w >= S_w >= the m-th largest (t_l - E_l) seen so far. That running threshold is what a tile is
// compared with; columns that reach it are kept, and kept ones that fall below it later are
// dropped. What is left is decided by exact scores. If too many are left (ties, duplicates) they
// are decided at once and only the best m stay, with their exact S as bounds. Bit-identical columns
// beyond the first m + 1 are left out from the start, so mass duplicates cost nothing.
//
// Numbers fp32 products could overflow on never enter a tile: columns with |c|^2 > 1e36 are
// candidates of every row, rows with |x| > 1e18 (or all, where d or m is too large for the bound or
// the lists) are decided by exact scores alone. Results therefore do not depend on tier, threads or
// tile sizes.
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
};

/** Receives each row's result once, from any worker. */
class SearchSink {
 public:
  virtual void take(int64_t row, const int64_t* ids, int64_t found) const = 0;

 protected:
  ~SearchSink() = default;
};

void search(Workers& workers, const SearchRequest& request, const SearchSink& sink);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
