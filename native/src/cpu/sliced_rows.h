// A sparse matrix laid out for products with a vector: rows of a block sorted by length and cut
// into slices of one register, so that a register holds one entry of each of its rows and no branch
// depends on a row's length. Sums stay what a loop over the row gives: its entries in order, and
// what shorter rows are filled up with is weight 0 (nothing changes a sum that is not -0).
#pragma once
#include "cpu/buffer.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class SlicedRows {
 public:
  static constexpr int kRows = kDoubles;       // of a slice
  static constexpr int64_t kBlockRows = 1024;  // whose rows are sorted among themselves

  /** Rows of columns and weights >= 0 as offsets[i]..offsets[i + 1] - 1 give them. */
  SlicedRows(Workers& workers, int64_t n, const int64_t* offsets, const int32_t* columns,
             const double* weights)
      : n_(n),
        slices_((n + kBlockRows - 1) / kBlockRows * kPerBlock),
        rows_(slices_ * kRows),
        starts_(slices_ + 1),
        size_(layOut(workers, offsets)),
        columns_(size_),
        weights_(size_) {
    workers.forEach(slices_ / kPerBlock, [&](int64_t block, int) {
      for (int64_t s = block * kPerBlock; s < (block + 1) * kPerBlock; s++) {
        fill(s, offsets, columns, weights);
      }
    });
  }

  /** product[i] = sum of weight * v[column] over row i, for the rows of one block. v >= 0. */
  void multiply(int64_t block, const double* v, double* product) const {
    for (int64_t s = block * kPerBlock; s < (block + 1) * kPerBlock; s++) {
      Doubles sum = {};
      for (int64_t e = starts_[s]; e < starts_[s + 1]; e += kRows) {
        sum +=
            *reinterpret_cast<const Doubles*>(weights_.data() + e) * gather(v, columns_.data() + e);
      }
      for (int r = 0; r < kRows; r++) {
        if (rows_[s * kRows + r] >= 0) product[rows_[s * kRows + r]] = sum[r];
      }
    }
  }

 private:
  static constexpr int64_t kPerBlock = kBlockRows / kRows;

  static Doubles gather(const double* v, const int32_t* at) {
#if defined(DC4J_AVX512)
    const __m256i columns = _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
    return _mm512_mask_i32gather_pd(_mm512_setzero_pd(), 0xFF, columns, v, 8);
#elif defined(DC4J_TIER_avx2)
    const __m128i columns = _mm_load_si128(reinterpret_cast<const __m128i*>(at));
    const __m256d all = _mm256_castsi256_pd(_mm256_set1_epi64x(-1));
    return _mm256_mask_i32gather_pd(_mm256_setzero_pd(), v, columns, all, 8);
#else
    Doubles values;
    for (int r = 0; r < kRows; r++) values[r] = v[at[r]];
    return values;
#endif
  }

  /** Which rows a slice has (-1: none), longest first, and where its entries start; all entries. */
  int64_t layOut(Workers& workers, const int64_t* offsets) {
    const auto length = [&](int32_t i) { return i < 0 ? -1 : offsets[i + 1] - offsets[i]; };
    workers.forEach(slices_ / kPerBlock, [&](int64_t block, int) {
      int32_t* rows = rows_.data() + block * kBlockRows;
      for (int64_t r = 0; r < kBlockRows; r++) {
        const int64_t i = block * kBlockRows + r;
        rows[r] = i < n_ ? static_cast<int32_t>(i) : -1;
      }
      for (int64_t gap = 511; gap > 0; gap /= 2) {  // 511, 255, ... 1
        for (int64_t r = gap; r < kBlockRows; r++) {
          const int32_t row = rows[r];
          int64_t at = r;
          for (; at >= gap && length(rows[at - gap]) < length(row); at -= gap) {
            rows[at] = rows[at - gap];
          }
          rows[at] = row;
        }
      }
    });
    starts_[0] = 0;
    for (int64_t s = 0; s < slices_; s++) {
      const int64_t longest = length(rows_[s * kRows]);
      starts_[s + 1] = starts_[s] + (longest > 0 ? longest * kRows : 0);
    }
    return starts_[slices_];
  }

  void fill(int64_t s, const int64_t* offsets, const int32_t* columns, const double* weights) {
    const int64_t length = (starts_[s + 1] - starts_[s]) / kRows;
    for (int r = 0; r < kRows; r++) {
      const int32_t i = rows_[s * kRows + r];
      const int64_t begin = i < 0 ? 0 : offsets[i], count = i < 0 ? 0 : offsets[i + 1] - begin;
      for (int64_t e = 0; e < length; e++) {
        const int64_t to = starts_[s] + e * kRows + r;
        columns_[to] = e < count ? columns[begin + e] : 0;
        weights_[to] = e < count ? weights[begin + e] : 0;
      }
    }
  }

  const int64_t n_, slices_;
  Buffer<int32_t> rows_;
  Buffer<int64_t> starts_;
  const int64_t size_;
  Buffer<int32_t> columns_;
  Buffer<double> weights_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
