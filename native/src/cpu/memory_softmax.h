// Softmax of a few rows of x over a piece of a memory C, and the softmax-weighted sum of C's rows,
// without a matrix of scores: the two products of attention with C as keys and values.
//
// Both products are multiplyTile with C on the left and x on the right: scores are [kTileRows of C
// x kTileCols of x], so exponentials lie as the second product reads them and nothing is
// transposed. A block of kMemoryBlock rows of C is packed chunk by chunk for either product while
// it is in the second-level cache, and used for all rows of x.
//
// Exponents are shifted by the running maximum. For rows of length 1 the bound 1 / temperature
// would do, but it costs a pass over C to know that, the maximum under one percent of the products.
#pragma once
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int64_t kMemoryBlock = 240;  // a multiple of every tier's kTileRows
constexpr int64_t kColumnGroup = 240;  // columns of C packed at a time, likewise
constexpr int64_t kTileEntries = kTileRows * kTileCols;

/** x in panels of kTileCols rows, with what each row leaves out of the softmax. */
struct PackedRows {
  ConstMatrix x;
  const int32_t* labels;  // [n] the row of C to leave out, or -1
  const float* least;     // [n] where the running maximum starts
  const float* panels;    // [panel][d][kTileCols]
  float inverse_temperature;
};

/** Sums over the rows j of a piece of C other than the label, for panels of rows of x:
 *  largest = max(least, max_j s_j), sum = sum_j exp((s_j - largest) / temperature), pooled = sum_j
 *  exp(...) c_j, transposed: [panel][column tile][kTileRows columns][kTileCols rows]. */
class SoftmaxSums {
 public:
  SoftmaxSums(int64_t panels, int64_t d, bool with_pooled);
  float* largest(int64_t panel) const { return largest_.data() + panel * kTileCols; }
  double* sum(int64_t panel) const { return sum_.data() + panel * kTileCols; }
  bool withPooled() const { return with_pooled_; }
  float* pooled(int64_t panel) const { return pooled_.data() + panel * pooled_size_; }
  /** Takes in sums over a later piece; the first one is taken as it is. */
  void merge(int64_t panel, const SoftmaxSums& piece, int64_t piece_panel, bool first,
             float inverse_temperature) const;

 private:
  bool with_pooled_;
  int64_t pooled_size_;
  Buffer<float> largest_, pooled_;
  Buffer<double> sum_;
};

/** What a sweep over the memory sees of its entries. */
struct MemoryRange {
  FirstRow* bad;   // rows with NaN or infinity
  float* largest;  // max |entry|
};

/** The kernel, on scratch memory that belongs to its worker. */
class MemorySoftmax {
 public:
  /** Scratch for this many panels of x. */
  static int64_t scratchSize(int64_t panels) {
    return kLeftSize + panels * (kMemoryBlock + 1) * kTileCols + 16;
  }
  MemorySoftmax(int64_t panels, float* scratch)
      : left_(scratch),
        scores_(left_ + kLeftSize),
        scale_(scores_ + panels * kMemoryBlock * kTileCols) {}

  /** Sums of the panels [first, first + panels) of x over rows [begin, end) of C, written to the
   *  panels of out from `to` on. range may be NULL. */
  void run(const PackedRows& rows, ConstMatrix memory, int64_t first, int64_t panels, int64_t begin,
           int64_t end, MemoryRange* range, const SoftmaxSums& out, int64_t to);

 private:
  static constexpr int64_t kLeftSize =
      kMemoryBlock * (kDepthChunk > kColumnGroup ? kDepthChunk : kColumnGroup);
  struct Block {
    const PackedRows& rows;
    ConstMatrix memory;  // the block's rows
    int64_t begin;       // the first one's index
    int64_t first, panels;
    bool opening;  // nothing summed yet
    const SoftmaxSums& out;
    int64_t to;
  };
  void score(const Block& block) const;
  void exponentiate(const Block& block, int64_t panel) const;
  void pool(const Block& block) const;
  float* scores(int64_t panel) const { return scores_ + panel * kMemoryBlock * kTileCols; }
  float *left_, *scores_, *scale_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
