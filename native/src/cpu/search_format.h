// What the coarse pass of a search is computed in, and how rows and columns are then packed.
#pragma once
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** mixed: int8, but for some elements of large spread, which are int16. */
enum class Format { fp32, int16, mixed, int8 };

/** What a search's coarse pass is computed in. */
struct Coarse {
  Format format = Format::fp32;
  // Mixed: rows and columns have their elements in this order [d], the first `wide` of them int16.
  int64_t wide = 0;
  const int32_t* order = nullptr;
};

/** Wide elements come in multiples of it: whole registers of words. */
constexpr int64_t kWideStep = 16;

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
  int32_t unsign;    // xored into the columns' int8 words: to the unsigned bytes of VNNI
  int64_t elements;  // in a word, but for the wide ones
  // Mixed alone, else 0: elements in pairs that come first, in their words, and in which order.
  int64_t wide = 0, wide_words = 0;
  const int32_t* order = nullptr;
};

inline Layout layoutOf(const Coarse& coarse, int64_t d) {
  const Format format = coarse.format;
#if defined(DC4J_VNNI)
  constexpr auto kUnsign = static_cast<int32_t>(0x80808080);
  if (format == Format::mixed) {
    const int64_t wide = coarse.wide, words = wide / 2 + (d - wide + 3) / 4;
    return {format, words, kTileRows, false, kUnsign, 4, wide, wide / 2, coarse.order};
  }
#endif
#if defined(DC4J_AMX)
  if (format == Format::int8) return {format, (d + 63) / 64 * 16, 32, true, 0, 4};
#elif defined(DC4J_VNNI)
  if (format == Format::int8) return {format, (d + 3) / 4, kTileRows, false, kUnsign, 4};
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
