// The columns of a search packed for tiles of one format, a chunk of panels at a time, and what the
// error bound of search.h needs of them.
#pragma once
#include "cpu/search_base.h"
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Over the columns of a panel that tiles hold. */
struct PanelBound {
  double norm;   // max |c_j|
  double error;  // max |c_j - c^_j| of the quantised columns, an upper bound; 0 in fp32
  double bias;   // max |b_j|
  float scale;   // quantum of all its columns; 1 in fp32
};

class PackedColumns {
 public:
  PackedColumns(const SearchBase& base, const Layout& layout);

  /** Packs panels [first, first + count), count <= chunkPanels(). */
  void pack(Workers& workers, int64_t first, int64_t count);

  const Layout& layout() const { return layout_; }
  int64_t chunkPanels() const { return chunk_panels_; }
  /** Of panel first + p of the chunk packed last. */
  const float* panel(int64_t p) const { return packed_.data() + p * kTileCols * layout_.words; }
  const float* bias(int64_t p) const { return bias_.data() + p * kTileCols; }
  const PanelBound& bound(int64_t p) const { return bounds_[p]; }

 private:
  void packFloats(int64_t p, int64_t begin, int64_t rows);
  void packIntegers(int64_t p, int64_t begin, int64_t rows);

  const SearchBase& base_;
  Layout layout_;
  int64_t chunk_panels_;
  Buffer<float> packed_, bias_;
  Buffer<PanelBound> bounds_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
