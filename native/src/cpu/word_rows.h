// Quantised rows on their way into a panel: written one after the other, then interleaved, so that
// the panel is written once and in order. Written column by column, every store of a long row would
// miss the first-level cache.
#pragma once
#include <cstring>

#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef int32_t WordQuad __attribute__((vector_size(16), aligned(4), may_alias));

/** panel[w * width + i] = words[i * stride + w] ^ mask for i, w < 4. */
static inline void transposeQuad(const int32_t* words, int64_t stride, int64_t width, int32_t mask,
                                 int32_t* panel) {
  WordQuad row[4];
  for (int i = 0; i < 4; i++) row[i] = *reinterpret_cast<const WordQuad*>(words + i * stride);
  const WordQuad a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5) ^ mask;
  const WordQuad b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5) ^ mask;
  const WordQuad c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7) ^ mask;
  const WordQuad e = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7) ^ mask;
  *reinterpret_cast<WordQuad*>(panel) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  *reinterpret_cast<WordQuad*>(panel + width) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  *reinterpret_cast<WordQuad*>(panel + 2 * width) = __builtin_shufflevector(c, e, 0, 1, 4, 5);
  *reinterpret_cast<WordQuad*>(panel + 3 * width) = __builtin_shufflevector(c, e, 2, 3, 6, 7);
}

class WordRows {
 public:
  WordRows(int64_t rows, int64_t words)
      : rows_(rows), words_(words), stride_(words + 16), memory_(rows * stride_) {}

  int32_t* row(int64_t r) const { return memory_.data() + r * stride_; }
  void clear(int64_t r) const {
    for (int64_t w = 0; w < words_; w++) row(r)[w] = 0;
  }

  /** panel[w * rows + r] = row(r)[w] ^ (w < from ? 0 : mask); rows and from are multiples of 4. */
  void interleave(int64_t from, int32_t mask, int32_t* panel) const {
    int64_t w = 0;
    for (; w + 4 <= words_; w += 4) {
      for (int64_t r = 0; r < rows_; r += 4) {
        transposeQuad(row(r) + w, stride_, rows_, w < from ? 0 : mask, panel + w * rows_ + r);
      }
    }
    for (; w < words_; w++) {
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
