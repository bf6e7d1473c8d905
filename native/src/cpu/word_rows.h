// Quantised rows on their way into a panel: written one after the other, then interleaved, so that
// the panel is written once and in order. Written column by column, every store of a long row would
// miss the first-level cache.
#pragma once
#include <cstring>

#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class WordRows {
 public:
  WordRows(int64_t rows, int64_t words)
      : rows_(rows), words_(words), stride_(words + 16), memory_(rows * stride_) {}

  int32_t* row(int64_t r) const { return memory_.data() + r * stride_; }
  void clear(int64_t r) const { fillUp(r, 0); }
  /** Zeros from word `used` on. */
  void fillUp(int64_t r, int64_t used) const {
    for (int64_t w = used; w < words_; w++) row(r)[w] = 0;
  }

  /** panel[w * rows + r] = row(r)[w] ^ mask. */
  void interleave(int32_t mask, int32_t* panel) const {
    for (int64_t w = 0; w < words_; w++) {
      for (int64_t r = 0; r < rows_; r++) panel[w * rows_ + r] = row(r)[w] ^ mask;
    }
  }

  /** panel[r * words + w] = row(r)[w]. */
  void copy(int32_t* panel) const {
    for (int64_t r = 0; r < rows_; r++) {
      std::memcpy(panel + r * words_, row(r), static_cast<size_t>(words_) * sizeof(int32_t));
    }
  }

 private:
  const int64_t rows_, words_, stride_;  // a stride off the powers of 2: other cache sets
  Buffer<int32_t> memory_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
