// What the coarse pass of a search is computed in, and how rows and columns are then packed.
#pragma once
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

enum class Format { fp32, int16, int8 };

#if defined(DC4J_VNNI)
constexpr bool kIntegerFormats = true;
/** Rows longer than this are not quantised: products could overflow (quantise.h). */
constexpr int64_t kLargestQuantised = 32768;
#else
constexpr bool kIntegerFormats = false;
constexpr int64_t kLargestQuantised = -1;
#endif

/** A packed row or column is `words` words of 32 bits: floats, pairs of int16, quads of int8. */
struct Layout {
  Format format;
  int64_t words;
  int tile_rows;     // rows multiplied together
  bool row_major;    // rows [tile_rows x words], else [words x tile_rows]
  int32_t unsign;    // xored into the columns' words: int8 to the unsigned bytes of VNNI
  int64_t elements;  // in a word
};

inline Layout layoutOf(Format format, int64_t d) {
#if defined(DC4J_AMX)
  if (format == Format::int8) return {format, (d + 63) / 64 * 16, 32, true, 0, 4};
#elif defined(DC4J_VNNI)
  if (format == Format::int8) {
    return {format, (d + 3) / 4, kTileRows, false, static_cast<int32_t>(0x80808080), 4};
  }
#endif
  if (format == Format::int16) return {format, (d + 1) / 2, kTileRows, false, 0, 2};
  return {Format::fp32, d, kTileRows, false, 0, 1};
}

/** E = relative (|b| + |x||c|) + absolute (search.h), beside what the quantisation adds. */
struct FormatBound {
  double relative, absolute;
};

inline FormatBound boundOf(Format format, int64_t d) {
  // Integer sums are exact; what remains are a few roundings of the scaled sum, and the products of
  // very small quanta, which underflow.
  const double terms = format == Format::fp32 ? static_cast<double>(d + 12) : 16;
  return {terms * 0x1p-24 / (1 - terms * 0x1p-24) * 1.0001,
          format == Format::fp32 ? terms * 0x1p-147 : 0x1p-110};
}

/** Most rows a tile of any format has. */
constexpr int kMostTileRows = 32;

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
