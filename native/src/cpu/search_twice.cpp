// Panels scanned twice, a group at a time: once for the rows' thresholds, then for candidates.
// Scanned once, every column that is the best so far would be offered, and each of these is a
// mispredicted branch; this way a panel takes one comparison for all rows of a tile, and offers are
// those of the group's best columns.
#include "cpu/compare.h"
#include "cpu/integer_tile.h"
#include "cpu/lanes.h"
#include "cpu/search_block.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Of a group: 1,024 columns know the best rows' scores well enough, and all of them pass every few
 * rows, so they should stay in the second-level cache. 0: panels are scanned once. */
int64_t SearchBlock::twicePanels() const {
  if (!plan_.tiles || plan_.pairs || !request_.scansTwice()) return 0;
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

/** The rows' tile with panel p, [tile_rows x kTileCols], int32 sums in integer formats; most[i]
 * receives the largest value of row i. `most` [kMostTileRows]. */
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
  alignas(64) Floats largest[kMostTileRows];
  for (int i = 0; i < tile_rows; i++) {
    largest[i] = largestLanes(biased(r + i, p, tile + i * kTileCols, values));
  }
  for (int i = 0; i < tile_rows; i += 4) maxOfFour(largest + i, most + i);
}

/** To the largest lower bound of the rows' S over the group, whose tiles go to twice_. */
void SearchBlock::raiseThresholds(int64_t r, int64_t first, int64_t panels) {
  const int tile_rows = plan_.layout.tile_rows;
  alignas(64) float best[kMostTileRows];
  for (float& lower : best) lower = kNoThreshold;
  for (int64_t p = 0; p < panels; p++) {
    float* error = errors_.data() + p * kMostTileRows;
    float* most = most_.data() + p * kMostTileRows;
    multiplyTwice(r, first + p, twice_.data() + p * tile_rows * kTileCols, most);
    errors(r, columns_.bound(first + p), error);
    for (int i = 0; i < tile_rows; i += kLanes) {  // what lies beyond the rows is not looked at
      auto& row = *reinterpret_cast<Floats*>(best + i);
      const Floats lower =
          *reinterpret_cast<const Floats*>(most + i) - *reinterpret_cast<const Floats*>(error + i);
      row = lower > row ? lower : row;
    }
  }
  for (int i = 0; i < tile_rows; i++) {
    if (!(best[i] > thresholds_[r + i])) continue;
    thresholds_[r + i] = best[i];
    lists_[r + i].lower[0] = best[i];
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
void SearchBlock::collectPanel(int64_t r, int64_t first, int64_t p) {
  const int tile_rows = plan_.layout.tile_rows;
  const float* error = errors_.data() + p * kMostTileRows;
  const float* most = most_.data() + p * kMostTileRows;
  uint32_t rows = 0;
  for (int i = 0; i < tile_rows; i += kLanes) {
    const auto at = [&](const float* values) {
      return *reinterpret_cast<const Floats*>(values + i);
    };
    rows |= notBelow(at(most), at(thresholds_.data() + r) - at(error)) << i;
  }
  if (tile_rows < 32) rows &= (UINT32_C(1) << tile_rows) - 1;
  for (; rows != 0; rows &= rows - 1) {
    const int i = __builtin_ctz(rows);
    alignas(64) float memory[kTileCols];
    const float* tile = twice_.data() + (p * tile_rows + i) * kTileCols;
    const float* values = biased(r + i, first + p, tile, memory);
    collect(r + i, first + p, values, reaching(values, thresholds_[r + i] - error[i]), error[i]);
  }
}

void SearchBlock::scanTwice(int64_t first, int64_t panels) {
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  const int tile_rows = plan_.layout.tile_rows;
  for (int64_t r = 0; r < rows_; r += tile_rows) {
    raiseThresholds(r, first, panels);
    for (int64_t p = 0; p < panels; p++) collectPanel(r, first, p);
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
