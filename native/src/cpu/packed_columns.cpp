#include "cpu/packed_columns.h"

#include <cmath>

#include "cpu/quantised_row.h"
#include "cpu/word_rows.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

int64_t PackedColumns::cachedPanels(const SearchBase& base, const Layout& layout) {
  const int64_t bytes = 4 * kTileCols * (layout.words > 0 ? layout.words : 1);
  const int64_t fits = (INT64_C(32) << 20) / bytes;
  return fits < 1 ? 1 : fits < base.panels() ? fits : base.panels();
}

PackedColumns::PackedColumns(const SearchBase& base, const Layout& layout, int64_t chunk_panels)
    : base_(base),
      layout_(layout),
      format_bound_(boundOf(layout.format, base.rows().cols)),
      chunk_panels_(chunk_panels),
      packed_(chunk_panels_ * kTileCols * layout.words),
      bias_(chunk_panels_ * kTileCols),
      bounds_(chunk_panels_) {}

void PackedColumns::pack(Workers& workers, int64_t first, int64_t count) {
  first_ = first;
  workers.forEach(count, [&](int64_t p, int) {
    const int64_t begin = (first + p) * kTileCols;
    const int64_t left = base_.rows().rows - begin, rows = left < kTileCols ? left : kTileCols;
    double largest = 0;
    for (int64_t c = 0; c < kTileCols; c++) {
      // -infinity reaches no threshold; the column itself must then be 0, or it would give NaN.
      const bool held = c < rows && base_.inTile(begin + c);
      const double square = held ? base_.squaredNorm(begin + c) : 0;
      bias_[p * kTileCols + c] = held ? static_cast<float>(-square / 2) : -INFINITY;
      if (square > largest) largest = square;
    }
    const double norm = std::sqrt(largest);
    const double rest = format_bound_.relative * largest / 2 + format_bound_.absolute;
    bounds_[p] = {roundUp(norm), 0, roundUp(rest), 1};
    if (layout_.format == Format::fp32) {
      packFloats(p, begin, rows);
    } else {
      packIntegers(p, begin, rows, norm);
    }
  });
}

void PackedColumns::packFloats(int64_t p, int64_t begin, int64_t rows) {
  const ConstMatrix x = base_.rows();
  float* panel = packed_.data() + p * kTileCols * x.cols;
  packPanel(x.row(begin), x.stride, rows, x.cols, nullptr, kTileCols, panel);
  for (int64_t c = 0; c < rows; c++) {
    if (base_.inTile(begin + c)) continue;
    for (int64_t t = 0; t < x.cols; t++) panel[t * kTileCols + c] = 0;
  }
}

void PackedColumns::packIntegers([[maybe_unused]] int64_t p, [[maybe_unused]] int64_t begin,
                                 [[maybe_unused]] int64_t rows, [[maybe_unused]] double norm) {
#if defined(DC4J_VNNI)
  const ConstMatrix x = base_.rows();
  PanelBound& bound = bounds_[p];
  const Buffer<float> row(layout_.format == Format::mixed ? x.cols : 0);
  Peaks peaks;
  for (int64_t c = 0; c < rows; c++) {
    if (!base_.inTile(begin + c)) continue;
    peaks.raiseTo(
        peaksOf(arranged(x.row(begin + c), x.cols, layout_, row.data()), x.cols, layout_));
  }
  bound.scale = quantumOf(peaks, norm, layout_);
  const WordRows words(kTileCols, layout_.words);
  for (int64_t c = 0; c < kTileCols; c++) {
    const int64_t j = begin + c;
    if (c >= rows || !base_.inTile(j)) {
      words.clear(c);
      continue;
    }
    int32_t opposite;
    const double error = quantiseRow(arranged(x.row(j), x.cols, layout_, row.data()), x.cols,
                                     bound.scale, base_.norm(j), layout_, words.row(c), &opposite);
    bound.error = std::fmax(bound.error, roundUp(error));
  }
  words.interleave(layout_.wide_words, layout_.unsign,
                   reinterpret_cast<int32_t*>(packed_.data() + p * kTileCols * layout_.words));
#endif
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
