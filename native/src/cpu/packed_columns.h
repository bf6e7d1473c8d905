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
  float norm;   // >= |c_j|
  float error;  // >= |c_j - c^_j| of the quantised columns; 0 in fp32
  float rest;   // >= relative |b_j| + absolute
  float scale;  // quantum of all its columns; 1 in fp32
};

/** Not below x, by more than a few fp32 roundings. */
inline float roundUp(double x) { return static_cast<float>(x * 1.000001); }

class PackedColumns {
 public:
  /** For chunks of so many panels. */
  PackedColumns(const SearchBase& base, const Layout& layout, int64_t chunk_panels);

  /** As many panels as 32 MiB hold, at least one. */
  static int64_t cachedPanels(const SearchBase& base, const Layout& layout);

  /** Packs panels [first, first + count), count <= chunkPanels(). */
  void pack(Workers& workers, int64_t first, int64_t count);

  const FormatBound& formatBound() const { return format_bound_; }
  int64_t chunkPanels() const { return chunk_panels_; }
  /** Of panel p of the base, one of those packed last. */
  const float* panel(int64_t p) const {
    return packed_.data() + (p - first_) * kTileCols * layout_.words;
  }
  const float* bias(int64_t p) const { return bias_.data() + (p - first_) * kTileCols; }
  const PanelBound& bound(int64_t p) const { return bounds_[p - first_]; }

 private:
  void packFloats(int64_t p, int64_t begin, int64_t rows);
  void packIntegers(int64_t p, int64_t begin, int64_t rows, double norm);

  const SearchBase& base_;
  Layout layout_;
  FormatBound format_bound_;
  int64_t chunk_panels_, first_ = 0;
  Buffer<float> packed_, bias_;
  Buffer<PanelBound> bounds_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
