// The columns of a search as they are: exact norms, which of them tiles hold, which copies are left
// out.
#pragma once
#include "cpu/buffer.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class SearchBase {
 public:
  /** Measures the rows of base; throws where one is not finite. A row with `copies` bit-identical
   * rows before it is left out: with ties to the lowest row it cannot be among as many nearest. */
  SearchBase(Workers& workers, ConstMatrix base, const char* name, int64_t copies);

  ConstMatrix rows() const { return base_; }
  int64_t panels() const { return (base_.rows + kTileCols - 1) / kTileCols; }
  /** |c_j|^2 in the order of the exact score. */
  double squaredNorm(int64_t j) const { return norms_[j]; }
  /** |c_j|. */
  double norm(int64_t j) const { return lengths_[j]; }
  /** Whether column j is in the tiles. */
  bool inTile(int64_t j) const { return norms_[j] <= kLargestSquare && !left_out_[j]; }
  /** Columns no tile holds, but that are candidates of every row. */
  int64_t outliers() const { return outliers_; }
  int64_t outlier(int64_t o) const { return outlier_ids_[o]; }

 private:
  static constexpr double kLargestSquare = 1e36;
  void measure(Workers& workers, const char* name);
  void markCopies(int64_t copies);

  ConstMatrix base_;
  int64_t outliers_ = 0;
  Buffer<double> norms_, lengths_;
  Buffer<uint64_t> hashes_;
  Buffer<uint8_t> left_out_;
  Buffer<int64_t> outlier_ids_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
