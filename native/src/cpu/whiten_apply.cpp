// out_i = transform (x_i - mean), then / |out_i|. x [n x D], transform [d x D], out [n x d]; n d D
// fp32 multiply-adds in tiles, sums of at most 256 products, fp64 across them, rounded once; the
// norm is fp64 of the rounded row. A row of norm 0 stays 0. Judge: reference/whiten_apply.cpp,
// within fp32 rounding of the products. Blocks of rows too large for fp32 products go to the
// reference.
#include <cmath>

#include "core/checks.h"
#include "core/error.h"
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kBlockRows = kBandRows;

class Whitening {
 public:
  Whitening(Workers& workers, ConstMatrix x, ConstMatrix mean, ConstMatrix transform,
            bool l2_normalize, Matrix out)
      : workers_(workers),
        x_(x),
        mean_(mean),
        transform_(transform),
        l2_normalize_(l2_normalize),
        out_(out),
        panels_((transform.rows + kTileCols - 1) / kTileCols),
        packed_(panels_ * kTileCols * x.cols),
        rows_(workers.threads() * kBlockRows * x.cols) {
    requireFinite(mean, "mean");
    requireFinite(transform, "transform");
    for (int64_t j = 0; j < transform.rows; j++) {
      const float value = largestMagnitude(transform.row(j), nullptr, x.cols);
      if (value > largest_) largest_ = value;
    }
    workers.forEach(panels_, [&](int64_t p, int) {
      const int64_t begin = p * kTileCols, left = transform.rows - begin;
      packPanel(transform.row(begin), transform.stride, left < kTileCols ? left : kTileCols, x.cols,
                nullptr, kTileCols, packed_.data() + begin * x.cols);
    });
  }

  void run() {
    FirstRow bad;
    workers_.forRows(x_.rows, kBlockRows, [&](int64_t begin, int64_t end, int worker) {
      float range = 0;
      bool finite = true;
      for (int64_t i = begin; i < end; i++) {
        const float value = largestMagnitude(x_.row(i), mean_.data, x_.cols);
        if (std::isnan(value)) {
          bad.report(i);
          finite = false;
        }
        if (value > range) range = value;
      }
      if (!finite) return;
      // Products near the ends of the fp32 range; also where x - mean itself overflows.
      const double product = static_cast<double>(range) * largest_;
      if (product * static_cast<double>(x_.cols) > 1e37 || !(range < 1e37f) ||
          (product > 0 && product < 1e-20)) {
        const ConstMatrix block = {x_.row(begin), end - begin, x_.cols, x_.stride};
        reference::whiten_apply(workers_, block, mean_, transform_, l2_normalize_,
                                {out_.row(begin), end - begin, out_.cols, out_.stride});
        return;
      }
      multiply(begin, end, rows_.data() + worker * kBlockRows * x_.cols);
    });
    if (bad.row() >= 0) notFinite("x", bad.row());
  }

 private:
  void multiply(int64_t begin, int64_t end, float* packed) {
    alignas(64) double sums[kBlockRows * kTileCols];
    for (int64_t i = begin; i < end; i += kTileRows) {
      packPanel(x_.row(i), x_.stride, end - i < kTileRows ? end - i : kTileRows, x_.cols,
                mean_.data, kTileRows, packed + (i - begin) * x_.cols);
    }
    for (int64_t p = 0; p < panels_; p++) {
      const int64_t column = p * kTileCols, left = out_.cols - column;
      multiplyBand(packed, kTileRows * x_.cols, (end - begin + kTileRows - 1) / kTileRows,
                   packed_.data() + column * x_.cols, x_.cols, sums);
      for (int64_t i = begin; i < end; i++) {
        for (int64_t c = 0; c < kTileCols && c < left; c++) {
          out_.row(i)[column + c] = static_cast<float>(sums[(i - begin) * kTileCols + c]);
        }
      }
    }
    for (int64_t i = begin; i < end && l2_normalize_; i++) normalize(out_.row(i));
  }

  void normalize(float* row) const {
    const double square = exactDot(row, row, out_.cols);
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (int64_t c = 0; c < out_.cols; c++) row[c] = static_cast<float>(row[c] * scale);
  }

  Workers& workers_;
  ConstMatrix x_, mean_, transform_;
  bool l2_normalize_;
  Matrix out_;
  int64_t panels_;
  Buffer<float> packed_, rows_;
  float largest_ = 0;
};

}  // namespace

void whiten_apply(Workers& workers, ConstMatrix x, ConstMatrix mean, ConstMatrix transform,
                  bool l2_normalize, Matrix out) {
  Whitening(workers, x, mean, transform, l2_normalize, out).run();
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
