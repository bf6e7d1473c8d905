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

/** What the tiles bound: tile [tile_rows x kTileCols]; most[i] receives the row's largest in every
 * lane. */
void SearchBlock::multiplyBiased(int64_t r, int64_t p, float* tile, Floats* most) const {
  const float* bias = columns_.bias(p);
  const int tile_rows = plan_.layout.tile_rows;
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) {
    multiplyIntegers(r, p, reinterpret_cast<int32_t*>(tile));
    const float scale = columns_.bound(p).scale;
    const float* scales = scales_.data() + r;
    const Floats left = *reinterpret_cast<const Floats*>(bias);
    const Floats right = *reinterpret_cast<const Floats*>(bias + kLanes);
    for (int i = 0; i < tile_rows; i++, tile += kTileCols) {
      const float quantum = scales[i] * scale;
      const auto* sums = reinterpret_cast<const Words*>(tile);
      const Floats a = __builtin_convertvector(sums[0], Floats) * quantum + left;
      const Floats b = __builtin_convertvector(sums[1], Floats) * quantum + right;
      *reinterpret_cast<Floats*>(tile) = a;
      *reinterpret_cast<Floats*>(tile + kLanes) = b;
      most[i] = a > b ? a : b;
    }
    return;
  }
#endif
  const int64_t d = request_.rows.cols;
  multiplyTile(packed_.data() + r * d, columns_.panel(p), bias, d, tile);
  for (int i = 0; i < tile_rows; i++, tile += kTileCols) {
    most[i] = *reinterpret_cast<const Floats*>(tile);
    for (int v = 1; v < kTileVectors; v++) {
      const Floats other = *reinterpret_cast<const Floats*>(tile + v * kLanes);
      most[i] = other > most[i] ? other : most[i];
    }
  }
}

/** To the largest lower bound of the rows' S over the first panels, whose tiles go to twice_. */
void SearchBlock::raiseThresholds(int64_t r, int64_t panels) {
  const int tile_rows = plan_.layout.tile_rows;
  alignas(64) Floats best[kMostTileRows], most[kMostTileRows];
  for (int i = 0; i < tile_rows; i++) best[i] = Floats{} + kNoThreshold;
  for (int64_t p = 0; p < panels; p++) {
    multiplyBiased(r, p, twice_.data() + p * tile_rows * kTileCols, most);
    float error[kMostTileRows], cut[kMostTileRows];
    cuts(r, columns_.bound(p), error, cut);
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

void SearchBlock::scanTwice(int64_t panels) {
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  const int tile_rows = plan_.layout.tile_rows;
  for (int64_t r = 0; r < rows_; r += tile_rows) {
    raiseThresholds(r, panels);
    const float* tile = twice_.data();
    for (int64_t p = 0; p < panels; p++, tile += tile_rows * kTileCols) {
      float error[kMostTileRows], cut[kMostTileRows];
      cuts(r, columns_.bound(p), error, cut);
      for (int i = 0; i < tile_rows; i++) {
        const uint32_t bits = reaching(tile + i * kTileCols, cut[i]);
        if (bits != 0) collect(r + i, p, tile + i * kTileCols, bits, error[i]);
      }
    }
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
