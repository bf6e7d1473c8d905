// The elements of rows and columns by spread, and how many of them might be int16 in a mixed coarse
// pass.
#pragma once
#include "cpu/search_base.h"
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class SpreadOrder {
 public:
  explicit SpreadOrder(int64_t d) : d_(d), order_(d), spread_(d) {}

  /** Measures samples [samples x d] and as many columns of the base, evenly spaced: spread is the
   * fourth root of the sum of fourth powers, between standard deviation and peak. */
  void measure(const ConstMatrix& rows, const int64_t* samples, int64_t count,
               const SearchBase& base);

  /** A number of wide elements above `wide` that leaves the largest int8 spread at two thirds of
   * what it was or less; 0: none. */
  int64_t after(int64_t wide) const;

  Coarse mixed(int64_t wide) const { return {Format::mixed, wide, order_.data()}; }

 private:
  int64_t d_;
  Buffer<int32_t> order_;
  Buffer<double> spread_;  // of order_[t]
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
