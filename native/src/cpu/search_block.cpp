#include "cpu/search_block.h"

#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/integer_tile.h"
#include "cpu/quantise.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr double kLargestNorm = 1e18;

SearchBlock::SearchBlock(const SearchPlan& plan, const SearchBase& base,
                         const PackedColumns& columns)
    : plan_(plan),
      base_(base),
      columns_(columns),
      request_(*plan.request),
      packed_(plan.tiles ? plan.block_rows * plan.layout.words : 0),
      thresholds_(plan.block_rows),
      norms_(plan.block_rows),
      bounds_(plan.block_rows),
      scales_(plan.block_rows),
      start_(plan.block_rows),
      lists_(plan.tiles ? plan.block_rows : 0),
      ids_(plan.tiles ? plan.block_rows * candidateCapacity(request_.neighbours) : 0),
      upper_(plan.tiles ? plan.block_rows * candidateCapacity(request_.neighbours) : 0),
      lower_(plan.tiles ? plan.block_rows * request_.neighbours : 0),
      scratch_(plan.scratch),
      found_(request_.neighbours < base.rows().rows ? request_.neighbours : base.rows().rows) {}

void SearchBlock::openRow(int64_t r) {
  const int64_t capacity = candidateCapacity(request_.neighbours);
  Candidates& list = lists_[r];
  list.neighbours = request_.neighbours;
  list.capacity = capacity;
  list.ids = ids_.data() + r * capacity;
  list.upper = upper_.data() + r * capacity;
  list.lower = lower_.data() + r * request_.neighbours;
  openCandidates(list, &thresholds_[r]);
}

void SearchBlock::open(int64_t block, FirstRow& bad) {
  const ConstMatrix x = request_.rows;
  begin_ = block * plan_.block_rows;
  rows_ = x.rows - begin_ < plan_.block_rows ? x.rows - begin_ : plan_.block_rows;
  for (int64_t r = 0; r < plan_.block_rows; r++) {
    norms_[r] = 0;
    thresholds_[r] = INFINITY;
    if (r >= rows_) continue;
    norms_[r] = std::sqrt(exactDot(x.row(begin_ + r), x.row(begin_ + r), x.cols));
    if (!std::isfinite(norms_[r])) bad.report(begin_ + r);
    if (plan_.tiles && norms_[r] <= kLargestNorm) openRow(r);
  }
  if (!plan_.tiles) return;
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
  float* panel = packed_.data() + r * x.cols;
  const int64_t left = rows_ - r < kTileRows ? rows_ - r : kTileRows;
  packPanel(x.row(begin_ + r), x.stride, left, x.cols, nullptr, kTileRows, panel);
  for (int64_t i = 0; i < kTileRows; i++) {
    const bool outside = thresholds_[r + i] == INFINITY;
    bounds_[r + i] = {outside ? 0 : norms_[r + i] * plan_.relative, 0};
    for (int64_t t = 0; outside && t < x.cols; t++) panel[t * kTileRows + i] = 0;  // stays finite
  }
}

void SearchBlock::packIntegerRows([[maybe_unused]] int64_t r) {
#if defined(DC4J_VNNI)
  const ConstMatrix x = request_.rows;
  const Layout& layout = plan_.layout;
  const int word = static_cast<int>(layout.elements);
  int32_t* panel = reinterpret_cast<int32_t*>(packed_.data() + r * layout.words);
  for (int64_t i = 0; i < layout.tile_rows * layout.words; i++) panel[i] = 0;
  alignas(64) int32_t words[kLargestQuantised / 2 + 16];
  const int64_t used = (x.cols + word - 1) / word;
  for (int64_t i = 0; i < layout.tile_rows; i++) {
    bounds_[r + i] = {0, 0};
    scales_[r + i] = 0;
    start_[r + i] = 0;
    if (thresholds_[r + i] == INFINITY) continue;
    const float* row = x.row(begin_ + r + i);
    const double norm = norms_[r + i];
    const float scale = quantum(static_cast<double>(peakOf(row, x.cols)), norm, word);
    int32_t sum;
    const double error = quantise(row, x.cols, scale, word, norm, words, &sum);
    scales_[r + i] = scale;
    start_[r + i] = layout.unsign == 0 ? 0 : -128 * sum;
    const double hat = norm + error;  // >= |x^|
    bounds_[r + i] = {1.0001 * (error + plan_.relative * hat), 1.0001 * hat};
    for (int64_t w = 0; w < used; w++) {
      panel[layout.row_major ? i * layout.words + w : w * layout.tile_rows + i] = words[w];
    }
  }
#endif
}

/** Bit c: values[c] >= threshold. */
static inline uint32_t reaching(const float* values, float threshold) {
  uint32_t bits = 0;
  for (int v = 0; v < kTileVectors; v++) {
    const float* at = values + v * kLanes;
#if defined(DC4J_AVX512)
    const __mmask16 some =
        _mm512_cmp_ps_mask(_mm512_load_ps(at), _mm512_set1_ps(threshold), _CMP_GE_OQ);
    bits |= static_cast<uint32_t>(some) << (v * kLanes);
#elif defined(DC4J_TIER_avx2)
    const __m256 some = _mm256_cmp_ps(_mm256_load_ps(at), _mm256_set1_ps(threshold), _CMP_GE_OQ);
    bits |= static_cast<uint32_t>(_mm256_movemask_ps(some)) << (v * kLanes);
#elif defined(__SSE2__)
    const __m128 some = _mm_cmpge_ps(_mm_load_ps(at), _mm_set1_ps(threshold));
    bits |= static_cast<uint32_t>(_mm_movemask_ps(some)) << (v * kLanes);
#else
    for (int l = 0; l < kLanes; l++)
      bits |= static_cast<uint32_t>(at[l] >= threshold) << (v * kLanes + l);
#endif
  }
  return bits;
}

void SearchBlock::cuts(int64_t r, const PanelBound& bound, double* error, float* cut) const {
  const double rest = bound.bias * plan_.relative + plan_.absolute;
  for (int i = 0; i < plan_.layout.tile_rows; i++) {
    error[i] = bounds_[r + i].norm * bound.norm + bounds_[r + i].hat * bound.error + rest;
    cut[i] = static_cast<float>(thresholds_[r + i] - error[i]);
  }
}

void SearchBlock::offer(int64_t r, int64_t id, float value, double error) {
  offerCandidate(lists_[r], &thresholds_[r], base_, row(r), id, value, error, scratch_.data());
}

void SearchBlock::scanFloatTile(int64_t r, int64_t p, const PanelBound& bound, const float* tile) {
  double error[kTileRows];
  float cut[kTileRows];
  cuts(r, bound, error, cut);
  for (int i = 0; i < kTileRows; i++) {
    uint32_t bits = reaching(tile + i * kTileCols, cut[i]);
    for (; __builtin_expect(bits != 0, 0); bits &= bits - 1) {
      const int c = __builtin_ctz(bits);
      offer(r + i, p * kTileCols + c, tile[i * kTileCols + c], error[i]);
    }
  }
}

void SearchBlock::scanFloats(int64_t first, int64_t panels) {
  const int64_t d = request_.rows.cols;
  alignas(64) float tile[kTileRows * kTileCols];
  for (int64_t p = 0; p < panels; p++) {
    for (int64_t r = 0; r < rows_; r += kTileRows) {
      multiplyTile(packed_.data() + r * d, columns_.panel(p), columns_.bias(p), d, tile);
      scanFloatTile(r, first + p, columns_.bound(p), tile);
    }
  }
}

#if defined(DC4J_VNNI)

typedef int32_t Words __attribute__((vector_size(4 * DC4J_LANES), may_alias));

void SearchBlock::scanIntegerTile(int64_t r, int64_t p, const PanelBound& bound, const float* bias,
                                  const int32_t* tile) {
  double error[kMostTileRows];
  float cut[kMostTileRows];
  cuts(r, bound, error, cut);
  const Floats left = *reinterpret_cast<const Floats*>(bias);
  const Floats right = *reinterpret_cast<const Floats*>(bias + kLanes);
  for (int i = 0; i < plan_.layout.tile_rows; i++) {
    const float scale = scales_[r + i] * bound.scale;
    const int32_t* sums = tile + i * kTileCols;
    const auto* words = reinterpret_cast<const Words*>(sums);
    const Floats a = __builtin_convertvector(words[0], Floats) * scale + left;
    const Floats b = __builtin_convertvector(words[1], Floats) * scale + right;
    const __m512 least = _mm512_set1_ps(cut[i]);
    uint32_t bits = static_cast<uint32_t>(_mm512_cmp_ps_mask(a, least, _CMP_GE_OQ)) |
                    static_cast<uint32_t>(_mm512_cmp_ps_mask(b, least, _CMP_GE_OQ)) << 16;
    for (; __builtin_expect(bits != 0, 0); bits &= bits - 1) {
      const int c = __builtin_ctz(bits);
      const float value = std::fmaf(static_cast<float>(sums[c]), scale, bias[c]);
      offer(r + i, p * kTileCols + c, value, error[i]);
    }
  }
}

void SearchBlock::scanIntegers(int64_t first, int64_t panels) {
  const Layout& layout = plan_.layout;
  alignas(64) int32_t tile[kMostTileRows * kTileCols];
#if defined(DC4J_AMX)
  const AmxTiles registers;
#endif
  for (int64_t p = 0; p < panels; p++) {
    const int32_t* panel = reinterpret_cast<const int32_t*>(columns_.panel(p));
    for (int64_t r = 0; r < rows_; r += layout.tile_rows) {
      const int32_t* rows = reinterpret_cast<const int32_t*>(packed_.data() + r * layout.words);
      if (layout.format == Format::int16) {
        multiplyInt16(rows, panel, start_.data() + r, layout.words, tile);
      } else {
#if defined(DC4J_AMX)
        multiplyAmx(rows, panel, layout.words, tile);
#else
        multiplyInt8(rows, panel, start_.data() + r, layout.words, tile);
#endif
      }
      scanIntegerTile(r, first + p, columns_.bound(p), columns_.bias(p), tile);
    }
  }
}

#endif

void SearchBlock::scan(int64_t first, int64_t panels) {
  if (!plan_.tiles) return;
#if defined(DC4J_VNNI)
  if (plan_.layout.format != Format::fp32) return scanIntegers(first, panels);
#endif
  scanFloats(first, panels);
}

void SearchBlock::finish(const SearchSink& sink) {
  for (int64_t r = 0; r < rows_; r++) {
    if (!std::isfinite(norms_[r])) continue;
    const SearchRow decided = row(r);
    const int64_t count =
        thresholds_[r] == INFINITY
            ? decideByAll(request_.neighbours, base_, decided, scratch_.data())
            : decideCandidates(lists_[r], thresholds_[r], base_, decided, scratch_.data());
    for (int64_t p = 0; p < count; p++) found_[p] = scratch_[p].id;
    sink.take(begin_ + r, found_.data(), count);
  }
}

void SearchBlock::count(int64_t* offered, int64_t* scored) const {
  for (int64_t r = 0; r < rows_; r++) {
    if (thresholds_[r] == INFINITY) continue;
    *offered += lists_[r].offered;
    *scored += lists_[r].scored;
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
