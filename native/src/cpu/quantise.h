// Quantising a vector for the integer tiles, with its residual measured.
//
// x = scale q + e, q integers rounded to nearest. What the search's bound needs is |e|, and that is
// measured here, not assumed. It is exact arithmetic but for: fl(x - scale q), relative 2^-24 by a
// fused multiply-add; its division by the scale, 2^-23; a sum of squares in fp32, relative d 2^-24.
// All three are inside the factor 1.001 up to kLargestQuantised elements, and what underflows in
// squares inside 2^-60 of a quantum.
#pragma once
#include "cpu/search_format.h"

#if defined(DC4J_VNNI)

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Elements in a word of 32 bits. */
constexpr int kInt8Word = 4, kInt16Word = 2;

/** The quantum for a vector (or several) of largest magnitude `peak` and largest norm `norm`: int8
 * fills -127..127; int16 -32767..32767 and keeps |q| below 46000 + sqrt(d) / 2, so that by
 * Cauchy-Schwarz no partial sum of products leaves int32. 0 where the vectors are too small (norm
 * below 2^-60) to divide by it: then q = 0 and e = x. */
float quantum(double peak, double norm, int word);

/** q into words[0 .. ceil(d / word)) of `word` elements, a last word filled up with 0; returns an
 * upper bound of |e|. For scale 0: q = 0 and |e| = norm. *sum receives the sum of q. */
double quantise(const float* x, int64_t d, float scale, int word, double norm, int32_t* words,
                int32_t* sum);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
