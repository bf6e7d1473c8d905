// A row on its way into integer words, in the layout of any format.
//
// Mixed: one quantum for the whole row, as int8 would have it if the wide elements were not there;
// these are int16 multiples of the same quantum, so a tile's sum needs no second scale. A few
// elements of large spread then no longer decide what the others are rounded to.
#pragma once
#include "cpu/finite.h"
#include "cpu/quantise.h"

#if defined(DC4J_VNNI)

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Largest magnitudes of a row's int16 elements (0: none) and int8 elements. */
struct Peaks {
  float int16 = 0, int8 = 0;
  void raiseTo(const Peaks& other) {
    int16 = std::fmax(int16, other.int16);
    int8 = std::fmax(int8, other.int8);
  }
};

/** x [d], its wide elements first: x itself, or in `into` [d] where the layout is mixed. */
static inline const float* arranged(const float* x, int64_t d, const Layout& layout, float* into) {
  if (layout.format != Format::mixed) return x;
  for (int64_t t = 0; t < d; t++) into[t] = x[layout.order[t]];
  return into;
}

/** Of an arranged row. */
static inline Peaks peaksOf(const float* x, int64_t d, const Layout& layout) {
  if (layout.format == Format::int16) return {largestMagnitude(x, nullptr, d), 0};
  return {largestMagnitude(x, nullptr, layout.wide),
          largestMagnitude(x + layout.wide, nullptr, d - layout.wide)};
}

/** The quantum of rows with these peaks, none longer than `norm`: no sum of products leaves int32
 * (quantise.h). 0: too small to divide by. */
static inline float quantumOf(const Peaks& peaks, double norm, const Layout& layout) {
  if (layout.format == Format::int16) {
    return quantum(static_cast<double>(peaks.int16), norm, kInt16Word);
  }
  const float narrow = quantum(static_cast<double>(peaks.int8), norm, kInt8Word);
  if (layout.format == Format::int8) return narrow;
  return std::fmax(narrow, quantum(static_cast<double>(peaks.int16), norm, kInt16Word));
}

/** An arranged row into all of layout.words; returns an upper bound of |e|. *opposite receives the
 * sum of the integers that meet unsigned bytes of columns (layout.unsign). */
static inline double quantiseRow(const float* x, int64_t d, float scale, double norm,
                                 const Layout& layout, int32_t* words, int32_t* opposite) {
  int32_t sum;
  const int word = static_cast<int>(layout.elements);
  double error = 0;
  if (layout.wide > 0) {
    error = quantise(x, layout.wide, scale, kInt16Word, norm, words, &sum);
  }
  const int64_t narrow = d - layout.wide, used = layout.wide_words + (narrow + word - 1) / word;
  const double rest =
      quantise(x + layout.wide, narrow, scale, word, norm, words + layout.wide_words, &sum);
  for (int64_t w = used; w < layout.words; w++) words[w] = 0;
  *opposite = layout.unsign == 0 ? 0 : sum;
  return layout.wide == 0 ? rest : std::sqrt(error * error + rest * rest) * (1 + 0x1p-50);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
