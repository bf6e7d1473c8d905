// Softmax of a group of rows of x over a memory C, and the softmax-weighted sum of C's rows,
// without a matrix of scores: the two products of attention with C as keys and values.
//
// Both products are tiles with C on the left and x on the right: scores are [kTileRows of C x
// kTileCols of x], so exponentials lie as the second product reads them and nothing is transposed.
// C passes in blocks of kMemoryBlock rows, in three steps that all threads share: the scores (jobs
// are rows of C), the exponentials (jobs are rows of x), the weighted sums (jobs are columns of C).
// Every element is the work of one job in one order, so any number of threads gives the same bits,
// and memory is one block of scores and one sum per row of x, not one per thread.
//
// Exponents are shifted by the running maximum. For rows of length 1 the bound 1 / temperature
// would do, but it costs a pass over C to know that, the maximum under one percent of the products.
//
// Fast: scores of int16 rows with a quantum each (exact sums, an error of 2^-16 of the row's
// largest entry per element), weights and C in bf16 for the sums. bf16 scores would be as fast, but
// 60 times as far off: 3e-3 in a logit at temperature 0.05.
#pragma once
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int64_t kMemoryBlock = 960;  // a multiple of every tier's kTileRows
constexpr int64_t kTileEntries = kTileRows * kTileCols;

/** What a sweep over the memory sees of its entries. */
struct MemoryRange {
  FirstRow* bad;   // rows with NaN or infinity
  float* largest;  // [threads] max |entry|
};

/** Rows of x that pass the memory together, with what each leaves out of the softmax. */
struct SoftmaxRows {
  ConstMatrix x;
  const int32_t* labels;  // [n] the row of C to leave out, or -1
  const float* least;     // [n] where the running maximum starts
};

class MemorySoftmax {
 public:
  /** For groups of at most `rows` rows. fast: as above; needs DC4J_BF16 and d <= 32768. */
  MemorySoftmax(Workers& workers, ConstMatrix memory, int64_t rows, float inverse_temperature,
                bool fast, bool with_pooled);

  /** Sums over the rows j of C other than the label:
   *  largest = max(least, max_j s_j), sum = sum_j exp((s_j - largest) / temperature), pooled =
   *  sum_j exp(...) c_j. range, which may be NULL, is filled in passing. */
  void run(const SoftmaxRows& rows, const MemoryRange* range);

  float largest(int64_t i) const { return largest_[i]; }
  double sum(int64_t i) const { return sum_[i]; }
  bool withPooled() const { return with_pooled_; }
  /** Column t of the pooled row i. */
  float pooled(int64_t i, int64_t t) const {
    return pooled_[i / kTileCols * pooled_size_ + t * kTileCols + i % kTileCols];
  }

 private:
  struct Block {
    ConstMatrix c;  // the block's rows
    int64_t begin;  // the first one's index
    const MemoryRange* range;
  };
  void pack(const SoftmaxRows& rows);
  void score(const Block& block);
  void scoreSingles(const Block& block, int64_t from, int64_t to, int worker) const;
  void scoreWords(const Block& block, int64_t from, int64_t to, int worker) const;
  void exponentiate(const SoftmaxRows& rows, const Block& block, int64_t panel, int vector) const;
  void pool(const Block& block) const;
  void poolColumns(const Block& block, int64_t from, int64_t to, float* left) const;
  /** tile = columns of C x weights. */
  void weigh(const float* left, const float* weights, int64_t rows, float* tile) const;
  float* scores(int64_t panel) const { return scores_ + panel * kMemoryBlock * kTileCols; }
  float* scratch(int worker) const { return scratch_ + worker * scratch_size_; }
  int64_t scoreTiles() const;
  int64_t poolTiles() const;
  int64_t scratchSize() const;
  int64_t scoresSize() const { return panels_ * kTileCols * kMemoryBlock; }
  int64_t pooledSize() const { return with_pooled_ ? panels_ * pooled_size_ : 0; }

  Workers& workers_;
  ConstMatrix memory_;
  float inverse_;
  bool fast_, with_pooled_;
  int64_t depth_;   // words of a packed row of x
  int64_t panels_;  // of kTileCols rows of x; the current group has used_
  int64_t used_ = 0;
  int64_t pooled_size_, scratch_size_;
  // In one piece: huge pages are given out whole, and four arrays would round up four times.
  Buffer<float> large_;
  float *x_, *scores_, *pooled_, *scratch_;
  Buffer<float> x_scales_, scale_, largest_;
  Buffer<double> sum_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
