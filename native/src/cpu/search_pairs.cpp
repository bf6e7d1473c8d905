// Tiles of a block's rows against another block's, compared for both (search_self.h).
#include <cmath>

#include "cpu/compare.h"
#include "cpu/integer_tile.h"
#include "cpu/search_block.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int64_t kPairBytes = INT64_C(400) << 10;

/** What the rows are as columns of the others' tiles. */
void SearchBlock::openPairs() {
  const FormatBound& bound = columns_.formatBound();
  for (int64_t r = 0; r < plan_.block_rows; r++) {
    const bool held = r < rows_ && thresholds_[r] != INFINITY;
    const double square = held ? base_.squaredNorm(begin_ + r) : 0;
    bias_[r] = held ? static_cast<float>(-square / 2) : -INFINITY;
    rest_[r] = roundUp(bound.relative * square / 2 + bound.absolute);
  }
}

/** Dot products: tile [tile_rows x kTileCols]. */
void SearchBlock::multiplyPairs(int64_t r, int64_t p, float* tile) const {
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) {
    alignas(64) int32_t sums[kMostTileRows * kTileCols];
    multiplyIntegers(r, p, sums);
    const float scale = columns_.bound(p).scale;
    for (int i = 0; i < plan_.layout.tile_rows; i++) {
      const float quantum = scales_[r + i] * scale;
      for (int v = 0; v < kTileCols; v += kLanes) {
        const auto& at = *reinterpret_cast<const Words*>(sums + i * kTileCols + v);
        *reinterpret_cast<Floats*>(tile + i * kTileCols + v) =
            __builtin_convertvector(at, Floats) * quantum;
      }
    }
    return;
  }
#endif
  alignas(64) static const float zero[kTileCols] = {};
  const int64_t d = request_.rows.cols;
  multiplyTile(packed_ + r * d, columns_.panel(p), zero, d, tile);
}

/** Starts the loads of the row's list: lists lie far apart, and all of them together do not stay in
 * any cache. */
void SearchBlock::fetchList(int64_t r) const {
  __builtin_prefetch(&lists_[r], 1, 2);
  __builtin_prefetch(&lists_[r].effort, 1, 2);
  for (int64_t m = 0; m < request_.neighbours && m < 64; m += 16) {
    __builtin_prefetch(lower_ + r * request_.neighbours + m, 1, 2);
  }
}

void SearchBlock::offerOne(int64_t r, int64_t id, float value, float error) {
  offerCandidate(lists_[r], &thresholds_[r], base_, row(r), id, value, static_cast<double>(error),
                 scratch_.data());
}

/** What a tile finds for its rows and columns, offered after the next tile's products, when the
 * lists have come from memory. */
class Expected {
 public:
  void add(SearchBlock& block, int64_t r, int64_t id, float value, float error) {
    block.fetchList(r);
    found_[count_++] = {&block, r, id, value, error};
  }
  void offer() {
    for (int f = 0; f < count_; f++) {
      const Found& one = found_[f];
      one.block->offerOne(one.row, one.id, one.value, one.error);
    }
    count_ = 0;
  }

 private:
  struct Found {
    SearchBlock* block;
    int64_t row, id;
    float value, error;
  };
  Found found_[2 * kMostTileRows * kTileCols];  // all of a tile, both ways
  int count_ = 0;
};

void SearchBlock::scanPairTile(int64_t r, int64_t p, SearchBlock& other, const float* tile,
                               Expected& expected) {
  const PanelBound& bound = columns_.bound(p);
  float error[kMostTileRows], cut[kMostTileRows];
  cuts(r, bound, error, cut);
  const int64_t first = p * kTileCols - other.begin_;
  Floats bias[kTileVectors];
  for (int v = 0; v < kTileVectors; v++) {
    bias[v] = *reinterpret_cast<const Floats*>(columns_.bias(p) + v * kLanes);
  }
  for (int i = 0; i < plan_.layout.tile_rows; i++) {
    const int64_t at = r + i;
    // E with the row's bias in the place of the columns'.
    const float back = by_norm_[at] * bound.norm + (by_error_[at] * bound.error + rest_[at]);
    const float row_bias = bias_[at];
    const float* values = tile + i * kTileCols;
    uint32_t bits = 0, back_bits = 0;
    for (int v = 0; v < kTileVectors; v++) {
      const Floats value = *reinterpret_cast<const Floats*>(values + v * kLanes);
      const Floats least =
          *reinterpret_cast<const Floats*>(other.thresholds_.data() + first + v * kLanes);
      bits |= notBelow(value + bias[v], Floats{} + cut[i]) << (v * kLanes);
      back_bits |= notBelow(value + row_bias, least - back) << (v * kLanes);
    }
    for (; bits != 0; bits &= bits - 1) {
      const int c = __builtin_ctz(bits);
      expected.add(*this, at, p * kTileCols + c, values[c] + columns_.bias(p)[c], error[i]);
    }
    for (; back_bits != 0; back_bits &= back_bits - 1) {
      const int c = __builtin_ctz(back_bits);
      expected.add(other, first + c, begin_ + at, values[c] + row_bias, back);
    }
  }
}

/** Starts the loads of a share of what is multiplied next into the second-level cache: all of it
 * waits in memory, in more streams than the hardware follows. */
static inline void prefetchShare(const float* from, int64_t floats, int64_t share, int64_t shares) {
  const int64_t lines = floats / 16;
  for (int64_t l = lines * share / shares; l < lines * (share + 1) / shares; l++) {
    __builtin_prefetch(from + 16 * l, 0, 2);
  }
}

void SearchBlock::scanPairs(SearchBlock& other) {
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  alignas(64) float tile[kMostTileRows * kTileCols];
  Expected expected;
  const int64_t tile_rows = plan_.layout.tile_rows, words = plan_.layout.words;
  const int64_t first = other.begin_ / kTileCols;
  const int64_t panels = (other.rows_ + kTileCols - 1) / kTileCols;
  // As many rows at a time as stay in the second-level cache beside two panels.
  const int64_t most = kPairBytes / (4 * tile_rows * (words + 1)) * tile_rows;
  const int64_t step = most > tile_rows ? most : tile_rows;
  for (int64_t begin = 0; begin < rows_; begin += step) {
    const int64_t end = begin + step < rows_ ? begin + step : rows_;
    const int64_t tiles = (end - begin + tile_rows - 1) / tile_rows;
    for (int64_t p = 0; p < panels; p++) {
      for (int64_t t = 0; t < tiles; t++) {
        const int64_t r = begin + t * tile_rows;
        if (p + 1 < panels) {
          prefetchShare(columns_.panel(first + p + 1), kTileCols * words, t, tiles);
        }
        if (p == 0 && t + 1 < tiles) {
          prefetchShare(packed_ + (r + tile_rows) * words, tile_rows * words, 0, 1);
        }
        multiplyPairs(r, first + p, tile);
        expected.offer();
        scanPairTile(r, first + p, other, tile, expected);
      }
    }
  }
  expected.offer();
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
