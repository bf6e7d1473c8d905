// scatter += sum_i y_i y_i^T (upper triangle), sum += sum_i y_i, with y = fl(x - shift). x [n x d],
// scatter [d x d]; n d^2 / 2 fp32 multiply-adds in tiles, sums of at most 256 products; at most
// 4096 of those are added in fp32, fp64 from there on. With Precision::fast, where there is AVX-512
// BF16, the factors are bf16(y), summed in fp32 over a block; the sum keeps y. Threads share output
// tiles, each of which adds its rows in one fixed order: the same bits for every thread count.
// Judge: reference/covariance_add.cpp, within fp32 (bf16) rounding of the products. A block with
// NaN or infinity changes nothing. Data too large or small for fp32 squares go to the reference.
#include "core/error.h"
#include "core/first_row.h"
#include "cpu/bf16_tile.h"
#include "cpu/buffer.h"
#include "cpu/finite.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kTileEntries = kTileRows * kTileCols;
constexpr int64_t kMostWords = 4096;  // depth of a packed block
constexpr int64_t kBandPanels = 5;    // panels of scatter rows a job covers, and of columns: what
constexpr int64_t kGroupPanels = 4;   // the second-level cache holds of the left side
constexpr int64_t kPackColumns = 96;  // whole panels of either side
static_assert(kPackColumns % kTileRows == 0 && kPackColumns % kTileCols == 0, "whole panels");

/** max |x - shift| over all rows; throws where x is not finite. */
float rangeOf(Workers& workers, ConstMatrix x, const float* shift) {
  FirstRow bad;
  Buffer<float> largest(workers.threads());
  for (int w = 0; w < workers.threads(); w++) largest[w] = 0;
  workers.forRows(x.rows, 256, [&](int64_t begin, int64_t end, int worker) {
    for (int64_t i = begin; i < end; i++) {
      const float value = largestMagnitude(x.row(i), shift, x.cols);
      if (std::isnan(value)) bad.report(i);
      if (value > largest[worker]) largest[worker] = value;
    }
  });
  if (bad.row() >= 0) notFinite("x", bad.row());
  float result = 0;
  for (int w = 0; w < workers.threads(); w++) {
    if (largest[w] > result) result = largest[w];
  }
  return result;
}

/** fp32: a word is an element, one row deep. */
struct Singles {
  static constexpr int64_t kDepth = 1;
  /** panel[i][c] = y of row i, column first + c, for a panel of Width columns; sums gains them. */
  template <int Width>
  static void pack(ConstMatrix x, const float* shift, int64_t first, float* panel, double* sums) {
    const int64_t left = x.cols - first;
    const int columns = static_cast<int>(left < Width ? left : Width);
    for (int64_t i = 0; i < x.rows; i++) {
      const float* row = x.row(i) + first;
      float* to = panel + i * Width;
      if (columns == Width) {
        for (int c = 0; c < Width; c++) to[c] = row[c] - shift[first + c];
      } else {
        for (int c = 0; c < columns; c++) to[c] = row[c] - shift[first + c];
        for (int c = columns; c < Width; c++) to[c] = 0;
      }
      if (sums == nullptr) continue;
      for (int c = 0; c < Width; c++) sums[c] += static_cast<double>(to[c]);
    }
  }
  /** tile = left right, sums of at most 256 products, those added in order. */
  static void multiply(const float* left, const float* right, int64_t words, float* tile) {
    alignas(64) static const float zero[kTileCols] = {};
    alignas(64) float part[kTileEntries];
    multiplyTile(left, right, zero, words < kDepthChunk ? words : kDepthChunk, tile);
    for (int64_t t = kDepthChunk; t < words; t += kDepthChunk) {
      multiplyTile(left + t * kTileRows, right + t * kTileCols, zero,
                   words - t < kDepthChunk ? words - t : kDepthChunk, part);
      for (int e = 0; e < kTileEntries; e++) tile[e] += part[e];
    }
  }
};

#if defined(DC4J_BF16)
/** bf16: a word is a column's elements of two rows. */
struct Pairs {
  static constexpr int64_t kDepth = 2;
  template <int Width>
  static void pack(ConstMatrix x, const float* shift, int64_t first, float* panel, double* sums) {
    const int64_t left = x.cols - first;
    for (int v = 0; v < Width; v += 16) {
      const int64_t end = left < Width ? left : Width, lanes = end - v < 0 ? 0 : end - v;
      const __mmask16 in = static_cast<__mmask16>(lanes < 16 ? (1 << lanes) - 1 : 0xFFFF);
      const __mmask16 held = Width - v < 16 ? (1 << (Width - v)) - 1 : 0xFFFF;
      const __m512 centre = _mm512_maskz_loadu_ps(in, shift + first + v);
      Doubles low = {}, high = {};
      for (int64_t i = 0; i < x.rows; i += 2) {
        const __m512 one = _mm512_maskz_loadu_ps(in, x.row(i) + first + v) - centre;
        const __m512 two = i + 1 < x.rows
                               ? _mm512_maskz_loadu_ps(in, x.row(i + 1) + first + v) - centre
                               : _mm512_setzero_ps();
        _mm512_mask_storeu_epi32(panel + i / 2 * Width + v, held, pairsOf(one, two));
        if (sums == nullptr) continue;
        low += _mm512_cvtps_pd(_mm512_castps512_ps256(one)) +
               _mm512_cvtps_pd(_mm512_castps512_ps256(two));
        high += _mm512_cvtps_pd(_mm512_extractf32x8_ps(one, 1)) +
                _mm512_cvtps_pd(_mm512_extractf32x8_ps(two, 1));
      }
      if (sums == nullptr) continue;
      for (int l = 0; l < 8; l++) {
        sums[v + l] += low[l];
        sums[v + 8 + l] += high[l];
      }
    }
  }
  static void multiply(const float* left, const float* right, int64_t words, float* tile) {
    multiplyPairs(left, right, words, tile);
  }
};
#endif

/** A block of rows of y, packed by columns for either side of a tile. */
template <typename Format>
class Scatter {
 public:
  Scatter(int64_t n, int64_t d, double* scatter, double* sum)
      : d_(d),
        scatter_(scatter),
        sum_(sum),
        left_panels_((d + kTileRows - 1) / kTileRows),
        right_panels_((d + kTileCols - 1) / kTileCols),
        block_words_(blockWords(n, d)),
        left_(left_panels_ * kTileRows * block_words_),
        right_(right_panels_ * kTileCols * block_words_) {}

  void addAll(Workers& workers, ConstMatrix x, const float* shift) {
    const int64_t block = block_words_ * Format::kDepth;
    for (int64_t begin = 0; begin < x.rows; begin += block) {
      const int64_t rows = x.rows - begin < block ? x.rows - begin : block;
      add(workers, {x.row(begin), rows, x.cols, x.stride}, shift);
    }
  }

 private:
  /** As many as 16 MiB hold on one side: the more, the seldomer the scatter passes by. */
  static int64_t blockWords(int64_t n, int64_t d) {
    const int64_t fits = (INT64_C(1) << 22) / d, needed = (n + Format::kDepth - 1) / Format::kDepth;
    const int64_t most = fits < kDepthChunk ? kDepthChunk : fits < kMostWords ? fits : kMostWords;
    return needed < most ? needed : most;
  }

  void add(Workers& workers, ConstMatrix x, const float* shift) {
    words_ = (x.rows + Format::kDepth - 1) / Format::kDepth;
    workers.forRows(d_, kPackColumns, [&](int64_t begin, int64_t end, int) {
      for (int64_t c = begin; c < end; c += kTileCols) {
        double sums[kTileCols] = {};
        Format::template pack<kTileCols>(x, shift, c, right_.data() + c * block_words_, sums);
        for (int64_t t = 0; t < kTileCols && c + t < d_; t++) sum_[c + t] += sums[t];
      }
      for (int64_t c = begin; c < end; c += kTileRows) {
        Format::template pack<kTileRows>(x, shift, c, left_.data() + c * block_words_, nullptr);
      }
    });
    const int64_t bands = (left_panels_ + kBandPanels - 1) / kBandPanels;
    const int64_t groups = (right_panels_ + kGroupPanels - 1) / kGroupPanels;
    workers.forEach(bands * groups,
                    [&](int64_t job, int) { multiply(job / groups, job % groups); });
  }

  void multiply(int64_t band, int64_t group) {
    alignas(64) float tile[kTileEntries];
    const int64_t from = band * kBandPanels, first = group * kGroupPanels;
    for (int64_t p = first; p < right_panels_ && p < first + kGroupPanels; p++) {
      int64_t to = from + kBandPanels < left_panels_ ? from + kBandPanels : left_panels_;
      // Panels whose rows all lie below the diagonal are left out.
      const int64_t upper = ((p + 1) * kTileCols + kTileRows - 1) / kTileRows;
      if (to > upper) to = upper;
      for (int64_t a = from; a < to; a++) {
        prefetch(a * kTileRows, p * kTileCols);
        Format::multiply(left_.data() + a * kTileRows * block_words_,
                         right_.data() + p * kTileCols * block_words_, words_, tile);
        addTile(a * kTileRows, p * kTileCols, tile);
      }
    }
  }

  /** The sums that a tile goes to: 16 KiB apart at d = 2048, more than the processor foresees. */
  void prefetch(int64_t row, int64_t column) const {
    for (int64_t r = 0; r < kTileRows && row + r < d_; r++) {
      const double* to = scatter_ + (row + r) * d_ + column;
      for (int c = 0; c < kTileCols; c += 8) __builtin_prefetch(to + c, 1);
    }
  }

  void addTile(int64_t row, int64_t column, const float* tile) {
    const int64_t end = d_ - column < kTileCols ? d_ - column : kTileCols;
    for (int64_t r = 0; r < kTileRows && row + r < d_; r++) {
      double* to = scatter_ + (row + r) * d_ + column;
      const float* from = tile + r * kTileCols;
      if (row + r <= column && end == kTileCols) {
        for (int c = 0; c < kTileCols; c++) to[c] += static_cast<double>(from[c]);
        continue;
      }
      for (int64_t c = row + r > column ? row + r - column : 0; c < end; c++) {
        to[c] += static_cast<double>(from[c]);
      }
    }
  }

  int64_t d_, words_ = 0;
  double* scatter_;
  double* sum_;
  int64_t left_panels_, right_panels_, block_words_;
  Buffer<float> left_, right_;
};

}  // namespace

void covariance_add(Workers& workers, ConstMatrix x, const float* shift, Precision precision,
                    double* scatter, double* sum) {
  const float range = rangeOf(workers, x, shift);
  if (range > 0 && !(range < 0x1p40f && range > 0x1p-40f)) {
    reference::covariance_add(workers, x, shift, precision, scatter, sum);
    return;
  }
#if defined(DC4J_BF16)
  if (precision == Precision::fast) {
    Scatter<Pairs>(x.rows, x.cols, scatter, sum).addAll(workers, x, shift);
    return;
  }
#endif
  Scatter<Singles>(x.rows, x.cols, scatter, sum).addAll(workers, x, shift);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
