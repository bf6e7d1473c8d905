#include "cpu/search_base.h"

#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static constexpr double kLargestSquare = 1e36;

static int64_t panelsOf(int64_t columns) { return (columns + kTileCols - 1) / kTileCols; }

/** As many panels as 32 MiB hold, at least one. */
static int64_t chunkOf(ConstMatrix base) {
  const int64_t bytes = 4 * kTileCols * (base.cols > 0 ? base.cols : 1);
  const int64_t fits = (INT64_C(32) << 20) / bytes, all = panelsOf(base.rows);
  return fits < 1 ? 1 : fits < all ? fits : all;
}

SearchBase::SearchBase(Workers& workers, ConstMatrix base, const char* name)
    : base_(base),
      panels_(panelsOf(base.rows)),
      chunk_panels_(chunkOf(base)),
      norms_(base.rows),
      largest_norm_(panels_),
      largest_bias_(panels_),
      outlier_ids_(base.rows),
      packed_(chunk_panels_ * kTileCols * base.cols),
      bias_(chunk_panels_ * kTileCols) {
  FirstRow bad;
  workers.forEach(panels_, [&](int64_t p, int) {
    double largest = 0;
    for (int64_t j = p * kTileCols; j < base.rows && j < (p + 1) * kTileCols; j++) {
      norms_[j] = exactDot(base.row(j), base.row(j), base.cols);
      if (!std::isfinite(norms_[j])) bad.report(j);
      if (inTile(j) && norms_[j] > largest) largest = norms_[j];
    }
    largest_norm_[p] = std::sqrt(largest);
    largest_bias_[p] = largest / 2;
  });
  if (bad.row() >= 0) notFinite(name, bad.row());
  for (int64_t j = 0; j < base.rows; j++) {
    if (!inTile(j)) outlier_ids_[outliers_++] = j;
  }
}

bool SearchBase::inTile(int64_t j) const { return norms_[j] <= kLargestSquare; }

void SearchBase::pack(Workers& workers, int64_t first, int64_t count) {
  workers.forEach(count, [&](int64_t p, int) {
    const int64_t begin = (first + p) * kTileCols;
    const int64_t rows = base_.rows - begin < kTileCols ? base_.rows - begin : kTileCols;
    float* panel = packed_.data() + p * kTileCols * base_.cols;
    packPanel(base_.row(begin), base_.stride, rows, base_.cols, nullptr, kTileCols, panel);
    for (int c = 0; c < kTileCols; c++) {
      // -infinity reaches no threshold; the column itself must then be 0, or it would give NaN.
      const bool held = c < rows && inTile(begin + c);
      bias_[p * kTileCols + c] = held ? static_cast<float>(-norms_[begin + c] / 2) : -INFINITY;
      for (int64_t t = 0; t < base_.cols && !held; t++) panel[t * kTileCols + c] = 0;
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
