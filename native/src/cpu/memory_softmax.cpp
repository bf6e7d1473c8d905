#include "cpu/memory_softmax.h"

#include <cfloat>
#include <cmath>

#include "cpu/finite.h"
#include "cpu/vector_exp.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static_assert(kMemoryBlock % kTileRows == 0 && kColumnGroup % kTileRows == 0, "whole tiles");

namespace {

typedef float Quad __attribute__((vector_size(16), aligned(4), may_alias));

alignas(64) const float kZeros[kTileCols] = {};

inline Floats& at(float* x) { return *reinterpret_cast<Floats*>(x); }

inline Floats maximum(Floats a, Floats b) { return a > b ? a : b; }

/** panels[q][t * kTileRows + r] = c.row(t)[from + q * kTileRows + r], 0 beyond the last column. */
void packColumns(ConstMatrix c, int64_t from, int64_t columns, float* panels) {
  for (int64_t t = 0; t < c.rows; t++) {
    const float* row = c.row(t) + from;
    float* to = panels + t * kTileRows;
    int64_t column = 0;
    for (; column + kTileRows <= columns; column += kTileRows) {
      for (int r = 0; r < kTileRows; r += 4) {
        *reinterpret_cast<Quad*>(to + r) = *reinterpret_cast<const Quad*>(row + column + r);
      }
      to += kTileRows * kMemoryBlock;
    }
    for (int r = 0; r < kTileRows && column < columns; r++) {
      to[r] = column + r < columns ? row[column + r] : 0;
    }
  }
}

void scan(ConstMatrix c, int64_t begin, MemoryRange& range) {
  for (int64_t j = 0; j < c.rows; j++) {
    const float value = largestMagnitude(c.row(j), nullptr, c.cols);
    if (std::isnan(value)) range.bad->report(begin + j);
    if (value > *range.largest) *range.largest = value;
  }
}

/** to = to * scale + tile, scale per column. */
inline void addTile(const float* tile, const float* scale, float* to) {
  for (int r = 0; r < kTileRows; r++) {
    for (int v = 0; v < kTileCols; v += kLanes) {
      const int e = r * kTileCols + v;
      at(to + e) = at(to + e) * *reinterpret_cast<const Floats*>(scale + v) +
                   *reinterpret_cast<const Floats*>(tile + e);
    }
  }
}

}  // namespace

SoftmaxSums::SoftmaxSums(int64_t panels, int64_t d, bool with_pooled)
    : with_pooled_(with_pooled),
      pooled_size_((d + kTileRows - 1) / kTileRows * kTileEntries),
      largest_(panels * kTileCols),
      pooled_(with_pooled ? panels * pooled_size_ : 0),
      sum_(panels * kTileCols) {}

void SoftmaxSums::merge(int64_t panel, const SoftmaxSums& piece, int64_t piece_panel, bool first,
                        float inverse_temperature) const {
  alignas(64) float old_scale[kTileCols], new_scale[kTileCols];
  for (int v = 0; v < kTileCols; v += kLanes) {
    float* mine = largest(panel) + v;
    const Floats theirs = at(piece.largest(piece_panel) + v);
    const Floats before = first ? theirs : at(mine), after = maximum(before, theirs);
    at(old_scale + v) = expNegative((before - after) * inverse_temperature);
    at(new_scale + v) = expNegative((theirs - after) * inverse_temperature);
    at(mine) = after;
  }
  for (int c = 0; c < kTileCols; c++) {
    double& to = sum(panel)[c];
    const double part = piece.sum(piece_panel)[c];
    to = first ? part : to * old_scale[c] + part * new_scale[c];
  }
  const float* from = piece.pooled(piece_panel);
  float* to = pooled(panel);
  const int64_t size = with_pooled_ ? pooled_size_ : 0;
  for (int64_t e = 0; e < size; e += kTileCols) {
    for (int v = 0; v < kTileCols; v += kLanes) {
      const Floats part = *reinterpret_cast<const Floats*>(from + e + v);
      at(to + e + v) = first ? part : at(to + e + v) * at(old_scale + v) + part * at(new_scale + v);
    }
  }
}

void MemorySoftmax::run(const PackedRows& rows, ConstMatrix memory, int64_t first, int64_t panels,
                        int64_t begin, int64_t end, MemoryRange* range, const SoftmaxSums& out,
                        int64_t to) {
  for (int64_t g = 0; g < panels; g++) {
    for (int c = 0; c < kTileCols; c++) {
      const int64_t i = (first + g) * kTileCols + c;
      out.largest(to + g)[c] = i < rows.x.rows ? rows.least[i] : 0;
      out.sum(to + g)[c] = 0;
    }
  }
  for (int64_t j = begin; j < end; j += kMemoryBlock) {
    const int64_t count = end - j < kMemoryBlock ? end - j : kMemoryBlock;
    const ConstMatrix part = {memory.row(j), count, memory.cols, memory.stride};
    if (range != nullptr) scan(part, j, *range);
    const Block block = {rows, part, j, first, panels, j == begin, out, to};
    score(block);
    for (int64_t g = 0; g < panels; g++) exponentiate(block, g);
    if (out.withPooled()) pool(block);
  }
}

void MemorySoftmax::score(const Block& block) const {
  const ConstMatrix& c = block.memory;
  const int64_t d = c.cols, tiles = (c.rows + kTileRows - 1) / kTileRows;
  alignas(64) float tile[kTileEntries];
  if (d == 0) {
    for (int64_t e = 0; e < block.panels * kMemoryBlock * kTileCols; e++) scores_[e] = 0;
  }
  for (int64_t t = 0; t < d; t += kDepthChunk) {
    const int64_t chunk = d - t < kDepthChunk ? d - t : kDepthChunk;
    for (int64_t q = 0; q < tiles; q++) {
      const int64_t row = q * kTileRows;
      const int64_t rows = c.rows - row < kTileRows ? c.rows - row : kTileRows;
      packPanel(c.row(row) + t, c.stride, rows, chunk, nullptr, kTileRows,
                left_ + row * kDepthChunk);
    }
    for (int64_t g = 0; g < block.panels; g++) {
      const float* right = block.rows.panels + ((block.first + g) * d + t) * kTileCols;
      for (int64_t q = 0; q < tiles; q++) {
        const float* left = left_ + q * kTileRows * kDepthChunk;
        float* to = scores(g) + q * kTileEntries;
        if (t == 0) {
          multiplyTile(left, right, kZeros, chunk, to);
          continue;
        }
        multiplyTile(left, right, kZeros, chunk, tile);
        for (int e = 0; e < kTileEntries; e += kLanes) at(to + e) += at(tile + e);
      }
    }
  }
}

void MemorySoftmax::exponentiate(const Block& block, int64_t panel) const {
  const int64_t rows = block.memory.rows, row = (block.first + panel) * kTileCols;
  const float inverse = block.rows.inverse_temperature;
  float *score = scores(panel), *largest = block.out.largest(block.to + panel);
  double* sums_out = block.out.sum(block.to + panel);
  for (int c = 0; c < kTileCols && row + c < block.rows.x.rows; c++) {
    const int64_t label = block.rows.labels[row + c] - block.begin;
    if (label >= 0 && label < rows) score[label * kTileCols + c] = -FLT_MAX;
  }
  for (int v = 0; v < kTileCols; v += kLanes) {
    const Floats before = at(largest + v);
    Floats after = before;
    for (int64_t j = 0; j < rows; j++) after = maximum(after, at(score + j * kTileCols + v));
    const Floats scale = expNegative((before - after) * inverse);
    Floats sums[4] = {};  // four: shorter chains, shorter sums
    for (int64_t j = 0; j < rows; j++) {
      Floats& entry = at(score + j * kTileCols + v);
      entry = expNegative((entry - after) * inverse);
      sums[j % 4] += entry;
    }
    at(largest + v) = after;
    at(scale_ + panel * kTileCols + v) = scale;
    alignas(64) float total[kLanes];
    at(total) = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (int l = 0; l < kLanes; l++) {
      double& sum = sums_out[v + l];
      sum = sum * scale[l] + total[l];
    }
  }
}

void MemorySoftmax::pool(const Block& block) const {
  const ConstMatrix& c = block.memory;
  const int64_t d = c.cols;
  alignas(64) float tile[kTileEntries];
  for (int64_t from = 0; from < d; from += kColumnGroup) {
    const int64_t columns = d - from < kColumnGroup ? d - from : kColumnGroup;
    const int64_t tiles = (columns + kTileRows - 1) / kTileRows;
    packColumns(c, from, columns, left_);
    for (int64_t g = 0; g < block.panels; g++) {
      float* to = block.out.pooled(block.to + g) + from / kTileRows * kTileEntries;
      for (int64_t q = 0; q < tiles; q++, to += kTileEntries) {
        const float* left = left_ + q * kTileRows * kMemoryBlock;
        if (block.opening) {
          multiplyTile(left, scores(g), kZeros, c.rows, to);
          continue;
        }
        multiplyTile(left, scores(g), kZeros, c.rows, tile);
        addTile(tile, scale_ + g * kTileCols, to);
      }
    }
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
