// scatter += sum_i y_i y_i^T (upper triangle), sum += sum_i y_i, with y = fl(x - shift). x [n x d],
// scatter [d x d]; n d^2 / 2 fp32 multiply-adds in tiles, sums of at most 256 products, fp64 from
// there on. Threads share output tiles, each of which adds its rows in one fixed order: the same
// bits for every thread count. Judge: reference/covariance_add.cpp, within fp32 rounding of the
// products. A block with NaN or infinity changes nothing. Data too large or small for fp32 squares
// go to the reference.
#include "core/error.h"
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/finite.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kBlockRows = 4 * kDepthChunk;
constexpr int64_t kBandPanels = kBandRows / kTileRows;  // panels of scatter rows a job covers
constexpr int64_t kJobColumns = 256;

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

/** A block of at most kBlockRows rows of y, packed by columns for either side of a tile. */
class Scatter {
 public:
  Scatter(int64_t d, double* scatter, double* sum)
      : d_(d),
        scatter_(scatter),
        sum_(sum),
        left_panels_((d + kTileRows - 1) / kTileRows),
        right_panels_((d + kTileCols - 1) / kTileCols),
        left_(left_panels_ * kTileRows * kBlockRows),
        right_(right_panels_ * kTileCols * kBlockRows) {}

  void add(Workers& workers, ConstMatrix x, const float* shift) {
    rows_ = x.rows;
    workers.forEach(right_panels_, [&](int64_t p, int) { packRight(x, shift, p); });
    workers.forEach(left_panels_, [&](int64_t p, int) { packLeft(x, shift, p); });
    const int64_t bands = (left_panels_ + kBandPanels - 1) / kBandPanels;
    const int64_t columns = (d_ + kJobColumns - 1) / kJobColumns;
    workers.forEach(bands * columns,
                    [&](int64_t job, int) { multiply(job / columns, job % columns); });
  }

 private:
  void packRight(ConstMatrix x, const float* shift, int64_t p) {
    const int64_t begin = p * kTileCols;
    const int columns = static_cast<int>(d_ - begin < kTileCols ? d_ - begin : kTileCols);
    double sums[kTileCols] = {};
    float* panel = right_.data() + begin * kBlockRows;
    for (int64_t i = 0; i < rows_; i++) {
      const float* row = x.row(i) + begin;
      float* to = panel + i * kTileCols;
      for (int c = 0; c < columns; c++) to[c] = row[c] - shift[begin + c];
      for (int c = columns; c < kTileCols; c++) to[c] = 0;
      for (int c = 0; c < kTileCols; c++) sums[c] += static_cast<double>(to[c]);
    }
    for (int c = 0; c < columns; c++) sum_[begin + c] += sums[c];
  }

  void packLeft(ConstMatrix x, const float* shift, int64_t p) {
    const int64_t begin = p * kTileRows;
    const int columns = static_cast<int>(d_ - begin < kTileRows ? d_ - begin : kTileRows);
    float* panel = left_.data() + begin * kBlockRows;
    for (int64_t i = 0; i < rows_; i++) {
      const float* row = x.row(i) + begin;
      float* to = panel + i * kTileRows;
      for (int c = 0; c < columns; c++) to[c] = row[c] - shift[begin + c];
      for (int c = columns; c < kTileRows; c++) to[c] = 0;
    }
  }

  void multiply(int64_t band, int64_t group) {
    alignas(64) double sums[kBandRows * kTileCols];
    const int64_t first = group * kJobColumns, end = first + kJobColumns;
    // Panels belong to the group their first column lies in.
    for (int64_t p = (first + kTileCols - 1) / kTileCols; p < right_panels_ && p * kTileCols < end;
         p++) {
      const int64_t from = band * kBandPanels;
      int64_t to = from + kBandPanels < left_panels_ ? from + kBandPanels : left_panels_;
      // Panels whose rows all lie below the diagonal are left out.
      const int64_t upper = ((p + 1) * kTileCols + kTileRows - 1) / kTileRows;
      if (to > upper) to = upper;
      if (from >= to) continue;
      multiplyBand(left_.data() + from * kTileRows * kBlockRows, kTileRows * kBlockRows, to - from,
                   right_.data() + p * kTileCols * kBlockRows, rows_, sums);
      for (int64_t a = from; a < to; a++) {
        addTile(a * kTileRows, p * kTileCols, sums + (a - from) * kTileRows * kTileCols);
      }
    }
  }

  void addTile(int64_t row, int64_t column, const double* sums) {
    for (int64_t r = 0; r < kTileRows && row + r < d_; r++) {
      double* to = scatter_ + (row + r) * d_ + column;
      const double* from = sums + r * kTileCols;
      const int64_t end = d_ - column < kTileCols ? d_ - column : kTileCols;
      for (int64_t c = row + r > column ? row + r - column : 0; c < end; c++) to[c] += from[c];
    }
  }

  int64_t d_, rows_ = 0;
  double* scatter_;
  double* sum_;
  int64_t left_panels_, right_panels_;
  Buffer<float> left_, right_;
};

}  // namespace

void covariance_add(Workers& workers, ConstMatrix x, const float* shift, double* scatter,
                    double* sum) {
  const float range = rangeOf(workers, x, shift);
  if (range > 0 && !(range < 0x1p40f && range > 0x1p-40f)) {
    reference::covariance_add(workers, x, shift, scatter, sum);
    return;
  }
  Scatter state(x.cols, scatter, sum);
  for (int64_t begin = 0; begin < x.rows; begin += kBlockRows) {
    const int64_t rows = x.rows - begin < kBlockRows ? x.rows - begin : kBlockRows;
    state.add(workers, {x.row(begin), rows, x.cols, x.stride}, shift);
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
