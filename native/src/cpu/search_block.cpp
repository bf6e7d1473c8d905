#include "cpu/search_block.h"

#include <cmath>

#include "cpu/compare.h"
#include "cpu/integer_tile.h"
#include "cpu/lanes.h"
#include "cpu/quantised_row.h"
#include "cpu/row_size.h"
#include "cpu/word_rows.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr double kLargestNorm = 1e18;

SearchBlock::SearchBlock(const SearchPlan& plan, const SearchBase& base,
                         const PackedColumns& columns, const BlockMemory& memory, int64_t slot)
    : plan_(plan),
      base_(base),
      columns_(columns),
      request_(*plan.request),
      packed_(memory.packed(slot)),
      gathered_(plan.tiles && request_.picked != nullptr && plan.layout.format == Format::fp32
                    ? kTileRows * request_.rows.cols
                    : 0),
      twice_(twicePanels() * plan.layout.tile_rows * kTileCols),
      most_(twicePanels() * kMostTileRows),
      errors_(twicePanels() * kMostTileRows),
      thresholds_(plan.block_rows + kLanes),
      norms_(plan.block_rows),
      peaks_(plan.block_rows),
      by_norm_(plan.block_rows + kLanes),
      by_error_(plan.block_rows + kLanes),
      scales_(plan.block_rows + kLanes),
      start_(plan.block_rows),
      bias_(plan.pairs ? plan.block_rows : 0),
      rest_(plan.pairs ? plan.block_rows + kLanes : 0),
      lists_(plan.tiles ? plan.block_rows : 0),
      ids_(memory.ids(slot)),
      upper_(memory.upper(slot)),
      lower_(memory.lower(slot)),
      scratch_(plan.scratch),
      found_(request_.neighbours < base.rows().rows ? request_.neighbours : base.rows().rows),
      squared_(request_.neighbours < base.rows().rows ? request_.neighbours : base.rows().rows) {}

void SearchBlock::openRow(int64_t r) {
  const int64_t capacity = candidateCapacity(request_.neighbours);
  Candidates& list = lists_[r];
  list.neighbours = request_.neighbours;
  list.capacity = capacity;
  list.ids = ids_ + r * capacity;
  list.upper = upper_ + r * capacity;
  list.lower = lower_ + r * request_.neighbours;
  openCandidates(list, &thresholds_[r]);
  if (request_.within != nullptr) {
    thresholds_[r] = leastWithin(base_, row(r), request_.within[begin_ + r]);
    return;
  }
  if (request_.hints == nullptr || request_.neighbours > 1 || request_.exclude != nullptr) return;
  const int64_t hint = request_.hints[begin_ + r];
  if (hint < 0 || hint >= base_.rows().rows) return;
  thresholds_[r] = std::fmax(thresholds_[r], leastBest(base_, row(r), hint));
}

void SearchBlock::open(int64_t block, FirstRow& bad) {
  const int64_t d = request_.rows.cols, left = request_.count() - block * plan_.block_rows;
  begin_ = block * plan_.block_rows;
  rows_ = left < plan_.block_rows ? left : plan_.block_rows;
  for (int64_t r = 0; r < plan_.block_rows; r++) {
    norms_[r] = 0;
    thresholds_[r] = INFINITY;
    if (r >= rows_) continue;
    if (r + 2 < rows_) prefetchRow(source(r + 2), d);
    // leastWithin takes the norm as it is, all else takes a bound of it.
    const RowSize size = rowSize(source(r), d, request_.within != nullptr);
    // Rows that are columns, too, are in the tiles as both or as neither.
    norms_[r] = plan_.pairs ? base_.norm(begin_ + r) : size.norm;
    peaks_[r] = size.peak;
    if (!std::isfinite(norms_[r])) bad.report(request_.id(begin_ + r));
    const bool held = !plan_.pairs || base_.inTile(begin_ + r);
    if (plan_.tiles && held && norms_[r] <= kLargestNorm) openRow(r);
  }
  if (!plan_.tiles) return;
  if (plan_.pairs) openPairs();
  for (int64_t r = 0; r < rows_; r += plan_.layout.tile_rows) {
    if (plan_.layout.format == Format::fp32) {
      packFloatRows(r);
    } else {
      packIntegerRows(r);
    }
  }
}

void SearchBlock::packFloatRows(int64_t r) {
  const ConstMatrix x = request_.rows;
  float* panel = packed_ + r * x.cols;
  const int64_t left = rows_ - r < kTileRows ? rows_ - r : kTileRows;
  const float* from = source(r);
  int64_t stride = x.stride;
  if (request_.picked != nullptr) {
    for (int64_t i = 0; i < left; i++) {
      const float* row = source(r + i);
      for (int64_t t = 0; t < x.cols; t++) gathered_[i * x.cols + t] = row[t];
    }
    from = gathered_.data();
    stride = x.cols;
  }
  packPanel(from, stride, left, x.cols, nullptr, kTileRows, panel);
  for (int64_t i = 0; i < kTileRows; i++) {
    const bool outside = thresholds_[r + i] == INFINITY;
    setBound(r + i, outside ? 0 : norms_[r + i] * columns_.formatBound().relative, 0);
    for (int64_t t = 0; outside && t < x.cols; t++) panel[t * kTileRows + i] = 0;  // stays finite
  }
}

void SearchBlock::packIntegerRows([[maybe_unused]] int64_t r) {
#if defined(DC4J_VNNI)
  const ConstMatrix x = request_.rows;
  const Layout& layout = plan_.layout;
  const Buffer<float> memory(layout.format == Format::mixed ? x.cols : 0);
  int32_t* panel = reinterpret_cast<int32_t*>(packed_ + r * layout.words);
  const WordRows words(layout.tile_rows, layout.words);
  for (int64_t i = 0; i < layout.tile_rows; i++) {
    setBound(r + i, 0, 0);
    scales_[r + i] = 0;
    start_[r + i] = 0;
    if (thresholds_[r + i] == INFINITY) {
      words.clear(i);
      continue;
    }
    const float* row = arranged(source(r + i), x.cols, layout, memory.data());
    const double norm = norms_[r + i];
    const Peaks peaks = layout.format == Format::mixed ? peaksOf(row, x.cols, layout)
                                                       : Peaks{peaks_[r + i], peaks_[r + i]};
    const float scale = quantumOf(peaks, norm, layout);
    int32_t opposite;
    const double error = quantiseRow(row, x.cols, scale, norm, layout, words.row(i), &opposite);
    scales_[r + i] = scale;
    start_[r + i] = -128 * opposite;
    const double hat = norm + error;  // >= |x^|
    setBound(r + i, 1.0001 * (error + columns_.formatBound().relative * hat), 1.0001 * hat);
  }
  if (layout.row_major) {
    words.copy(panel);
  } else {
    words.interleave(0, 0, panel);
  }
#endif
}

/** Rounded up, with room for the three fp32 roundings of cuts. */
void SearchBlock::setBound(int64_t r, double norm, double hat) {
  by_norm_[r] = roundUp(norm);
  by_error_[r] = roundUp(hat);
}

void SearchBlock::errors(int64_t r, const PanelBound& bound, float* error) const {
  for (int i = 0; i < plan_.layout.tile_rows; i += kLanes) {  // arrays are padded to registers
    const auto at = [&](const Buffer<float>& values) {
      return *reinterpret_cast<const Floats*>(values.data() + r + i);
    };
    *reinterpret_cast<Floats*>(error + i) =
        at(by_norm_) * bound.norm + (at(by_error_) * bound.error + bound.rest);
  }
}

void SearchBlock::cuts(int64_t r, const PanelBound& bound, float* error, float* cut) const {
  errors(r, bound, error);
  for (int i = 0; i < plan_.layout.tile_rows; i += kLanes) {
    *reinterpret_cast<Floats*>(cut + i) =
        *reinterpret_cast<const Floats*>(thresholds_.data() + r + i) -
        *reinterpret_cast<const Floats*>(error + i);
  }
}

// Where one neighbour is wanted, the row's largest value raises the threshold before anything is
// offered: else the first panel, and every record, would fill the list.
__attribute__((noinline)) void SearchBlock::offer(int64_t r, int64_t p, float* values,
                                                  uint32_t bits, float error) {
  const SearchRow offered = row(r);
  const int64_t excluded = offered.exclude - p * kTileCols;
  if (excluded >= 0 && excluded < kTileCols) {
    values[excluded] = -INFINITY;
    bits &= ~(UINT32_C(1) << excluded);
  }
  if (request_.neighbours == 1) {
    const float lower = maxOf(largestLanes(values)) - error - roundUp(offered.slack);
    if (lower > thresholds_[r]) {
      thresholds_[r] = lower;
      bits = reaching(values, lower - error);
    }
  }
  for (; bits != 0; bits &= bits - 1) {
    const int c = __builtin_ctz(bits);
    offerCandidate(lists_[r], &thresholds_[r], base_, offered, p * kTileCols + c, values[c],
                   static_cast<double>(error), scratch_.data());
  }
}

void SearchBlock::scanFloatTile(int64_t r, int64_t p, const PanelBound& bound, float* tile) {
  float error[kMostTileRows], cut[kMostTileRows];
  cuts(r, bound, error, cut);
  for (int i = 0; i < kTileRows; i++) {
    const uint32_t bits = reaching(tile + i * kTileCols, cut[i]);
    if (__builtin_expect(bits != 0, 0)) offer(r + i, p, tile + i * kTileCols, bits, error[i]);
  }
}

void SearchBlock::scanFloats(int64_t first, int64_t panels) {
  const int64_t d = request_.rows.cols;
  alignas(64) float tile[kTileRows * kTileCols];
  for (int64_t p = first; p < first + panels; p++) {
    for (int64_t r = 0; r < rows_; r += kTileRows) {
      multiplyTile(packed_ + r * d, columns_.panel(p), columns_.bias(p), d, tile);
      scanFloatTile(r, p, columns_.bound(p), tile);
    }
  }
}

#if defined(DC4J_VNNI)

void SearchBlock::scanIntegerTile(int64_t r, int64_t p, const PanelBound& bound, const float* bias,
                                  const int32_t* tile) {
  float error[kMostTileRows], cut[kMostTileRows], scales[kMostTileRows];
  cuts(r, bound, error, cut);
  const Floats left = *reinterpret_cast<const Floats*>(bias);
  const Floats right = *reinterpret_cast<const Floats*>(bias + kLanes);
  for (int i = 0; i < plan_.layout.tile_rows; i += kLanes) {
    *reinterpret_cast<Floats*>(scales + i) =
        *reinterpret_cast<const Floats*>(scales_.data() + r + i) * bound.scale;
  }
  for (int i = 0; i < plan_.layout.tile_rows; i++) {
    const float scale = scales[i];
    const int32_t* sums = tile + i * kTileCols;
    const auto* words = reinterpret_cast<const Words*>(sums);
    const Floats a = __builtin_convertvector(words[0], Floats) * scale + left;
    const Floats b = __builtin_convertvector(words[1], Floats) * scale + right;
    const Floats least = Floats{} + cut[i];
    const uint32_t bits = notBelow(a, least) | notBelow(b, least) << kLanes;
    if (__builtin_expect(bits == 0, 1)) continue;
    alignas(64) float values[kTileCols];
    *reinterpret_cast<Floats*>(values) = a;
    *reinterpret_cast<Floats*>(values + kLanes) = b;
    offer(r + i, p, values, bits, error[i]);
  }
}

void SearchBlock::multiplyIntegers(int64_t r, int64_t p, int32_t* tile) const {
  const Layout& layout = plan_.layout;
  const int32_t* rows = reinterpret_cast<const int32_t*>(packed_ + r * layout.words);
  const int32_t* panel = reinterpret_cast<const int32_t*>(columns_.panel(p));
  const int32_t* start = start_.data() + r;
  if (layout.format == Format::int16) {
    multiplyInt16(rows, panel, start, layout.words, tile);
    return;
  }
  if (layout.format == Format::mixed) {
    multiplyMixed(rows, panel, start, layout.wide_words, layout.words - layout.wide_words, tile);
    return;
  }
#if defined(DC4J_AMX)
  multiplyAmx(rows, panel, layout.words, tile);
#else
  multiplyInt8(rows, panel, start, layout.words, tile);
#endif
}

void SearchBlock::scanIntegers(int64_t first, int64_t panels) {
  alignas(64) int32_t tile[kMostTileRows * kTileCols];
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  for (int64_t p = first; p < first + panels; p++) {
    for (int64_t r = 0; r < rows_; r += plan_.layout.tile_rows) {
      multiplyIntegers(r, p, tile);
      scanIntegerTile(r, p, columns_.bound(p), columns_.bias(p), tile);
    }
  }
}

#endif

void SearchBlock::scan(int64_t first, int64_t panels) {
  if (!plan_.tiles) return;
  if (twicePanels() > 0) {
    const int64_t end = first + panels, step = twicePanels();
    for (; first < end; first += step) scanTwice(first, first + step < end ? step : end - first);
    return;
  }
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) return scanIntegers(first, panels);
#endif
  scanFloats(first, panels);
}

/** Starts the loads of what deciding between the row's first candidates reads. */
void SearchBlock::prefetchDecision(int64_t r) const {
  if (!plan_.tiles || thresholds_[r] == INFINITY || lists_[r].count < 2) return;
  prefetchRow(source(r), request_.rows.cols);
  for (int p = 0; p < 2; p++) {
    prefetchRow(base_.rows().row(lists_[r].ids[p]), request_.rows.cols);
  }
}

void SearchBlock::finish(const SearchSink& sink) {
  for (int64_t r = 0; r < rows_; r++) {
    if (r + 1 < rows_) prefetchDecision(r + 1);
    if (!std::isfinite(norms_[r])) continue;
    if (plan_.pairs && thresholds_[r] == INFINITY) continue;
    SearchRow decided = row(r);
    decided.squared = sink.takesSquared();
    const int64_t count =
        thresholds_[r] == INFINITY
            ? decideByAll(request_.neighbours, base_, decided, scratch_.data())
            : decideCandidates(lists_[r], thresholds_[r], base_, decided, scratch_.data());
    for (int64_t p = 0; p < count; p++) {
      found_[p] = scratch_[p].id;
      squared_[p] = scratch_[p].squared;
    }
    sink.take(begin_ + r, found_.data(), decided.squared ? squared_.data() : nullptr, count);
  }
}

Effort SearchBlock::effort() const {
  Effort all;
  for (int64_t r = 0; r < rows_; r++) {
    if (thresholds_[r] != INFINITY) all.add(lists_[r].effort);
  }
  return all;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
