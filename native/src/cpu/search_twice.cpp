// The first panels of rows that come without a hint, scanned twice: once for the rows' thresholds,
// then for candidates. Scanned once, every column that is the best so far would be offered, and
// each of these is a mispredicted branch.
#include "cpu/compare.h"
#include "cpu/integer_tile.h"
#include "cpu/lanes.h"
#include "cpu/search_block.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** How many panels are scanned twice: 1,024 columns know the best rows' scores well enough, and all
 * of them pass every few rows, so they should stay in the second-level cache. */
int64_t SearchBlock::twicePanels() const {
  if (!plan_.tiles || plan_.pairs || !request_.startsCold()) return 0;
  int64_t most = (INT64_C(520) << 10) / (4 * kTileCols * (plan_.layout.words + 1));
  if (most > 1024 / kTileCols) most = 1024 / kTileCols;
  return base_.panels() < most ? base_.panels() : most;
}

/** The row's values in a tile that multiplyTwice() left: where they are, or in `values`
 * [kTileCols]. */
const float* SearchBlock::biased([[maybe_unused]] int64_t r, [[maybe_unused]] int64_t p,
                                 const float* tile, [[maybe_unused]] float* values) const {
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) {
    const float quantum = scales_[r] * columns_.bound(p).scale;
    const auto* sums = reinterpret_cast<const Words*>(tile);
    const auto* bias = reinterpret_cast<const Floats*>(columns_.bias(p));
    for (int v = 0; v < kTileVectors; v++) {
      reinterpret_cast<Floats*>(values)[v] =
          __builtin_convertvector(sums[v], Floats) * quantum + bias[v];
    }
    return values;
  }
#endif
  return tile;
}

/** The rows' tile with panel p, [tile_rows x kTileCols], int32 sums in integer formats; register i
 * of `most` receives the largest values of row i. */
void SearchBlock::multiplyTwice(int64_t r, int64_t p, float* tile, float* most) const {
  const int tile_rows = plan_.layout.tile_rows;
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) multiplyIntegers(r, p, reinterpret_cast<int32_t*>(tile));
#endif
  if (plan_.layout.format == Format::fp32) {
    const int64_t d = request_.rows.cols;
    multiplyTile(packed_ + r * d, columns_.panel(p), columns_.bias(p), d, tile);
  }
  alignas(64) float values[kTileCols];
  for (int i = 0; i < tile_rows; i++) {
    const auto* value =
        reinterpret_cast<const Floats*>(biased(r + i, p, tile + i * kTileCols, values));
    Floats largest = value[0];
    for (int v = 1; v < kTileVectors; v++) largest = value[v] > largest ? value[v] : largest;
    reinterpret_cast<Floats*>(most)[i] = largest;
  }
}

/** To the largest lower bound of the rows' S over the first panels, whose tiles go to twice_. */
void SearchBlock::raiseThresholds(int64_t r, int64_t panels) {
  const int tile_rows = plan_.layout.tile_rows;
  alignas(64) Floats best[kMostTileRows];
  for (int i = 0; i < tile_rows; i++) best[i] = Floats{} + kNoThreshold;
  for (int64_t p = 0; p < panels; p++) {
    multiplyTwice(r, p, twice_.data() + p * tile_rows * kTileCols, mostOf(p));
    float* error = errors_.data() + p * kMostTileRows;
    float cut[kMostTileRows];
    cuts(r, columns_.bound(p), error, cut);
    const auto* most = reinterpret_cast<const Floats*>(mostOf(p));
    for (int i = 0; i < tile_rows; i++) {
      const Floats lower = most[i] - error[i];
      best[i] = lower > best[i] ? lower : best[i];
    }
  }
  for (int i = 0; i < tile_rows; i++) {
    const float lower = maxOf(best[i]);
    if (!(lower > thresholds_[r + i])) continue;
    thresholds_[r + i] = lower;
    lists_[r + i].lower[0] = lower;
  }
}

/** Offers row r what reaches its threshold, which no column of these panels raises any more. */
void SearchBlock::collect(int64_t r, int64_t p, const float* values, uint32_t bits, float error) {
  for (; bits != 0; bits &= bits - 1) {
    const int c = __builtin_ctz(bits);
    const int64_t id = p * kTileCols + c;
    if (keepCandidate(lists_[r], id, values[c] + error)) continue;
    offerCandidate(lists_[r], &thresholds_[r], base_, row(r), id, values[c],
                   static_cast<double>(error), scratch_.data());
  }
}

/** What of panel p reaches the thresholds of a tile's rows. */
void SearchBlock::collectPanel(int64_t r, int64_t p) {
  const float* error = errors_.data() + p * kMostTileRows;
  const auto* most = reinterpret_cast<const Floats*>(mostOf(p));
  for (int i = 0; i < plan_.layout.tile_rows; i++) {
    const float cut = thresholds_[r + i] - error[i];
    if (__builtin_expect(notBelow(most[i], Floats{} + cut) == 0, 1)) continue;
    alignas(64) float memory[kTileCols];
    const int64_t row = p * plan_.layout.tile_rows + i;
    const float* values = biased(r + i, p, twice_.data() + row * kTileCols, memory);
    collect(r + i, p, values, reaching(values, cut), error[i]);
  }
}

void SearchBlock::scanTwice(int64_t panels) {
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  const int tile_rows = plan_.layout.tile_rows;
  for (int64_t r = 0; r < rows_; r += tile_rows) {
    raiseThresholds(r, panels);
    for (int64_t p = 0; p < panels; p++) collectPanel(r, p);
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
