// The columns of a search: exact norms, bounds per panel, packed panels with their biases.
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

  /** Packs panels [first, first + count), count <= chunkPanels(). */
  void pack(Workers& workers, int64_t first, int64_t count);

  ConstMatrix rows() const { return base_; }
  int64_t panels() const { return panels_; }
  int64_t chunkPanels() const { return chunk_panels_; }
  /** |c_j|^2 in the order of the exact score. */
  double squaredNorm(int64_t j) const { return norms_[j]; }
  /** Upper bounds of |c_j| and of |b_j| over the columns of panel p that tiles hold. */
  double largestNorm(int64_t p) const { return largest_norm_[p]; }
  double largestBias(int64_t p) const { return largest_bias_[p]; }
  /** Of panel first + p of the chunk packed last. */
  const float* panel(int64_t p) const { return packed_.data() + p * kTileCols * base_.cols; }
  const float* bias(int64_t p) const { return bias_.data() + p * kTileCols; }
  /** Columns no tile holds, but that are candidates of every row. */
  int64_t outliers() const { return outliers_; }
  int64_t outlier(int64_t o) const { return outlier_ids_[o]; }

 private:
  bool inTile(int64_t j) const;
  void measure(Workers& workers, const char* name);
  void markCopies(int64_t copies);

  ConstMatrix base_;
  int64_t panels_, chunk_panels_, outliers_ = 0;
  Buffer<double> norms_, largest_norm_, largest_bias_;
  Buffer<uint64_t> hashes_;
  Buffer<uint8_t> left_out_;
  Buffer<int64_t> outlier_ids_;
  Buffer<float> packed_, bias_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
