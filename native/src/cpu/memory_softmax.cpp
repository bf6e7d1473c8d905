#include "cpu/memory_softmax.h"

#include <cfloat>
#include <cmath>

#include "cpu/bf16_tile.h"
#include "cpu/finite.h"
#include "cpu/integer_tile.h"
#include "cpu/memory_pack.h"
#include "cpu/vector_exp.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static_assert(kMemoryBlock % kTileRows == 0 && kMemoryBlock % 2 == 0, "whole tiles and pairs");

namespace {

constexpr int64_t kBlockTiles = kMemoryBlock / kTileRows;
constexpr int64_t kLeftWords = INT64_C(1) << 17;  // of rows of C a score job has packed: 512 KiB
constexpr int64_t kPoolTiles = 8;                 // tiles of columns of C a sum job has at most
constexpr int64_t kSumRows = 240;                 // products in one fp32 sum before it is added

alignas(64) const float kZeros[kTileCols] = {};

inline Floats& at(float* x) { return *reinterpret_cast<Floats*>(x); }
inline const Floats& at(const float* x) { return *reinterpret_cast<const Floats*>(x); }

inline Floats maximum(Floats a, Floats b) { return a > b ? a : b; }

inline int64_t between(int64_t value, int64_t lowest, int64_t highest) {
  return value > highest ? (highest > lowest ? highest : lowest) : value > lowest ? value : lowest;
}

inline ConstMatrix rowsOf(ConstMatrix matrix, int64_t begin, int64_t most) {
  const int64_t left = matrix.rows - begin;
  return {matrix.row(begin), left < most ? left : most, matrix.cols, matrix.stride};
}

}  // namespace

MemorySoftmax::MemorySoftmax(Workers& workers, ConstMatrix memory, int64_t rows,
                             float inverse_temperature, bool fast, bool with_pooled)
    : workers_(workers),
      memory_(memory),
      inverse_(inverse_temperature),
      fast_(fast),
      with_pooled_(with_pooled),
      depth_(fast ? (memory.cols + 1) / 2 : memory.cols),
      panels_((rows + kTileCols - 1) / kTileCols),
      pooled_size_((memory.cols + kTileRows - 1) / kTileRows * kTileEntries),
      scratch_size_(scratchSize()),
      large_(panels_ * kTileCols * depth_ + scoresSize() + pooledSize() +
             workers.threads() * scratch_size_),
      x_(large_.data()),
      scores_(x_ + panels_ * kTileCols * depth_),
      pooled_(scores_ + scoresSize()),
      scratch_(pooled_ + pooledSize()),
      x_scales_(panels_ * kTileCols),
      scale_(panels_ * kTileCols),
      largest_(panels_ * kTileCols),
      sum_(panels_ * kTileCols) {}

/** Tiles of rows of C in a score job: what the second-level cache holds, and four jobs a thread. */
int64_t MemorySoftmax::scoreTiles() const {
  const int64_t chunk = fast_ || depth_ < kDepthChunk ? depth_ : kDepthChunk;
  const int64_t fits = kLeftWords / (kTileRows * (chunk > 0 ? chunk : 1));
  return between(kBlockTiles / (4 * workers_.threads()), 1, fits < 10 ? fits : 10);
}

/** Tiles of columns of C in a sum job: so many that the thread with most has least to do. A job
 * costs its tiles and a twentieth of one. */
int64_t MemorySoftmax::poolTiles() const {
  const int64_t tiles = (memory_.cols + kTileRows - 1) / kTileRows, threads = workers_.threads();
  int64_t best = 1, least = INT64_MAX;
  for (int64_t size = 1; size <= kPoolTiles; size++) {
    const int64_t jobs = (tiles + size - 1) / size, rounds = (jobs + threads - 1) / threads;
    const int64_t cost = rounds * (20 * size + 1);
    if (cost < least) {
      least = cost;
      best = size;
    }
  }
  return best;
}

int64_t MemorySoftmax::scratchSize() const {
  const int64_t chunk = fast_ ? depth_ : kDepthChunk, pooling = poolTiles() * kTileRows;
  const int64_t scoring = scoreTiles() * kTileRows * chunk + (fast_ ? 4 * (depth_ + 16) : 0);
  const int64_t size = scoring > pooling * kMemoryBlock ? scoring : pooling * kMemoryBlock;
  return (size + 31) / 16 * 16;
}

void MemorySoftmax::run(const SoftmaxRows& rows, const MemoryRange* range) {
  used_ = (rows.x.rows + kTileCols - 1) / kTileCols;
  pack(rows);
  for (int64_t i = 0; i < used_ * kTileCols; i++) {
    largest_[i] = i < rows.x.rows ? rows.least[i] : 0;
    sum_[i] = 0;
  }
  for (int64_t j = 0; j < memory_.rows; j += kMemoryBlock) {
    const Block block = {rowsOf(memory_, j, kMemoryBlock), j, range};
    score(block);
    workers_.forEach(used_ * kTileVectors, [&](int64_t job, int) {
      exponentiate(rows, block, job / kTileVectors, static_cast<int>(job % kTileVectors));
    });
    if (with_pooled_) pool(block);
  }
}

void MemorySoftmax::pack(const SoftmaxRows& rows) {
  workers_.forEach(used_, [&](int64_t g, [[maybe_unused]] int worker) {
    const ConstMatrix part = rowsOf(rows.x, g * kTileCols, kTileCols);
    float* panel = x_ + g * kTileCols * depth_;
#if defined(DC4J_BF16)
    if (fast_) {
      float largest = 0;
      packQuantised(part, kTileCols, reinterpret_cast<int32_t*>(scratch(worker)),
                    reinterpret_cast<int32_t*>(panel), x_scales_.data() + g * kTileCols, &largest);
      return;
    }
#endif
    packPanel(part.data, part.stride, part.rows, part.cols, nullptr, kTileCols, panel);
  });
}

void MemorySoftmax::score(const Block& block) {
  const int64_t tiles = (block.c.rows + kTileRows - 1) / kTileRows;
  workers_.forRows(tiles, scoreTiles(), [&](int64_t from, int64_t to, int worker) {
    if (fast_) {
      scoreWords(block, from, to, worker);
    } else {
      scoreSingles(block, from, to, worker);
    }
  });
}

void MemorySoftmax::scoreSingles(const Block& block, int64_t from, int64_t to, int worker) const {
  const int64_t d = memory_.cols, first = from * kTileRows;
  const ConstMatrix c = rowsOf(block.c, first, (to - from) * kTileRows);
  for (int64_t j = 0; j < c.rows && block.range != nullptr; j++) {
    const float value = largestMagnitude(c.row(j), nullptr, d);
    if (std::isnan(value)) block.range->bad->report(block.begin + first + j);
    if (value > block.range->largest[worker]) block.range->largest[worker] = value;
  }
  float* left = scratch(worker);
  alignas(64) float tile[kTileEntries];
  for (int64_t g = 0; g < used_ && d == 0; g++) {
    float* score = scores(g) + first * kTileCols;
    for (int64_t e = 0; e < (to - from) * kTileEntries; e++) score[e] = 0;
  }
  for (int64_t t = 0; t < d; t += kDepthChunk) {
    const int64_t chunk = d - t < kDepthChunk ? d - t : kDepthChunk;
    for (int64_t q = 0; q < to - from; q++) {
      const ConstMatrix rows = rowsOf(c, q * kTileRows, kTileRows);
      packPanel(rows.data + t, rows.stride, rows.rows, chunk, nullptr, kTileRows,
                left + q * kTileRows * kDepthChunk);
    }
    for (int64_t g = 0; g < used_; g++) {
      const float* right = x_ + (g * d + t) * kTileCols;
      for (int64_t q = 0; q < to - from; q++) {
        float* score = scores(g) + (from + q) * kTileEntries;
        float* result = t == 0 ? score : tile;
        multiplyTile(left + q * kTileRows * kDepthChunk, right, kZeros, chunk, result);
        for (int e = 0; e < kTileEntries && t > 0; e += kLanes) at(score + e) += at(tile + e);
      }
    }
  }
}

void MemorySoftmax::scoreWords([[maybe_unused]] const Block& block, [[maybe_unused]] int64_t from,
                               [[maybe_unused]] int64_t to, [[maybe_unused]] int worker) const {
#if defined(DC4J_BF16)
  static const int32_t zeros[kTileRows] = {};
  const int64_t first = from * kTileRows;
  const ConstMatrix c = rowsOf(block.c, first, (to - from) * kTileRows);
  int32_t* left = reinterpret_cast<int32_t*>(scratch(worker));
  int32_t* words = left + (to - from) * kTileRows * depth_;
  alignas(64) int32_t tile[kTileEntries];
  float scales[kBlockTiles * kTileRows], ignored = 0;
  float* largest = block.range == nullptr ? &ignored : block.range->largest + worker;
  for (int64_t q = 0; q < to - from; q++) {
    const int64_t bad =
        packQuantised(rowsOf(c, q * kTileRows, kTileRows), kTileRows, words,
                      left + q * kTileRows * depth_, scales + q * kTileRows, largest);
    if (bad >= 0 && block.range != nullptr) {
      block.range->bad->report(block.begin + first + q * kTileRows + bad);
    }
  }
  for (int64_t g = 0; g < used_; g++) {
    const int32_t* right = reinterpret_cast<const int32_t*>(x_ + g * kTileCols * depth_);
    const float* x_scale = x_scales_.data() + g * kTileCols;
    for (int64_t q = 0; q < to - from; q++) {
      multiplyInt16(left + q * kTileRows * depth_, right, zeros, depth_, tile);
      float* score = scores(g) + (from + q) * kTileEntries;
      for (int r = 0; r < kTileRows; r++) {
        for (int v = 0; v < kTileCols; v += kLanes) {
          const int e = r * kTileCols + v;
          const Ints whole = *reinterpret_cast<const Ints*>(tile + e);
          at(score + e) =
              __builtin_convertvector(whole, Floats) * scales[q * kTileRows + r] * at(x_scale + v);
        }
      }
    }
  }
#endif
}

void MemorySoftmax::exponentiate(const SoftmaxRows& rows, const Block& block, int64_t panel,
                                 int vector) const {
  const int64_t count = block.c.rows, v = vector * kLanes, row = panel * kTileCols + v;
  float* score = scores(panel) + v;
  for (int l = 0; l < kLanes && row + l < rows.x.rows; l++) {
    const int64_t label = rows.labels[row + l] - block.begin;
    if (label >= 0 && label < count) score[label * kTileCols + l] = -FLT_MAX;
  }
  float* largest = largest_.data() + row;
  const Floats before = at(largest);
  Floats after = before;
  for (int64_t j = 0; j < count; j++) after = maximum(after, at(score + j * kTileCols));
  const Floats scale = expNegative((before - after) * inverse_);
  Floats sums[4] = {};  // four: shorter chains, shorter sums
  if (!fast_) {
    for (int64_t j = 0; j < count; j++) {
      Floats& entry = at(score + j * kTileCols);
      entry = expNegative((entry - after) * inverse_);
      sums[j % 4] += entry;
    }
  }
#if defined(DC4J_BF16)
  for (int64_t j = 0; j < count && fast_; j += 2) {  // pairs, into the first half of the scores
    const Floats one = expNegative((at(score + j * kTileCols) - after) * inverse_);
    Floats two = {};
    if (j + 1 < count) two = expNegative((at(score + (j + 1) * kTileCols) - after) * inverse_);
    sums[j % 4] += one;
    sums[j % 4 + 1] += two;
    _mm512_storeu_si512(score + j / 2 * kTileCols, pairsOf(one, two));
  }
#endif
  at(largest) = after;
  at(scale_.data() + row) = scale;
  alignas(64) float total[kLanes];
  at(total) = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (int l = 0; l < kLanes; l++) sum_[row + l] = sum_[row + l] * scale[l] + total[l];
}

void MemorySoftmax::pool(const Block& block) const {
  const int64_t tiles = (memory_.cols + kTileRows - 1) / kTileRows;
  workers_.forRows(tiles, poolTiles(), [&](int64_t from, int64_t to, int worker) {
    poolColumns(block, from, to, scratch(worker));
  });
}

void MemorySoftmax::poolColumns(const Block& block, int64_t from, int64_t to, float* left) const {
  const int64_t first = from * kTileRows, end = to * kTileRows, rows = block.c.rows;
  const int64_t columns = (end < memory_.cols ? end : memory_.cols) - first;
  constexpr int64_t stride = kTileRows * kMemoryBlock;
#if defined(DC4J_BF16)
  if (fast_) packColumnPairs(block.c, first, columns, stride, left);
#endif
  if (!fast_) packColumns(block.c, first, columns, stride, left);
  alignas(64) float tile[kTileEntries];
  for (int64_t g = 0; g < used_; g++) {
    const float* scale = scale_.data() + g * kTileCols;
    float* pooled = pooled_ + g * pooled_size_ + from * kTileEntries;
    for (int64_t q = 0; q < to - from; q++, pooled += kTileEntries) {
      weigh(left + q * stride, scores(g), rows, tile);
      for (int e = 0; e < kTileEntries; e += kLanes) {
        const Floats before = block.begin == 0 ? Floats{} : at(pooled + e);
        at(pooled + e) = before * at(scale + e % kTileCols) + at(tile + e);
      }
    }
  }
}

void MemorySoftmax::weigh(const float* left, const float* weights, int64_t rows,
                          float* tile) const {
#if defined(DC4J_BF16)
  if (fast_) {  // one long sum: what it loses is far below the rounding to bf16
    multiplyPairs(left, weights, (rows + 1) / 2, tile);
    return;
  }
#endif
  alignas(64) float part[kTileEntries];
  multiplyTile(left, weights, kZeros, rows < kSumRows ? rows : kSumRows, tile);
  for (int64_t j = kSumRows; j < rows; j += kSumRows) {
    multiplyTile(left + j * kTileRows, weights + j * kTileCols, kZeros,
                 rows - j < kSumRows ? rows - j : kSumRows, part);
    for (int e = 0; e < kTileEntries; e += kLanes) at(tile + e) += at(part + e);
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
