#include "cpu/quantise.h"

#if defined(DC4J_VNNI)
// gcc 12 takes its own _mm512_undefined_ps for a use of an uninitialised value.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <cmath>

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static constexpr double kSmallestNorm = 0x1p-60;
static constexpr double kLargestInt16Norm = 46000;

float quantum(double peak, double norm, int word) {
  if (norm < kSmallestNorm) return 0;
  const double by_peak = peak / (word == kInt8Word ? 127 : 32767);
  const double by_norm = word == kInt8Word ? 0 : norm / kLargestInt16Norm;
  return static_cast<float>(std::fmax(by_peak, by_norm));
}

/** count < 16. */
static inline __mmask16 firstLanes(int64_t count) {
  return static_cast<__mmask16>((1U << count) - 1);
}

namespace {

/** One register of a row at a time. */
struct Quantiser {
  __m512 quantum, inverse, squares = _mm512_setzero_ps();
  __m512i total = _mm512_setzero_si512();

  explicit Quantiser(float scale)
      : quantum(_mm512_set1_ps(scale)), inverse(_mm512_set1_ps(1 / scale)) {}

  __m512i add(__m512 value) {
    const __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(value, inverse));
    const __m512 rest = _mm512_fnmadd_ps(quantum, _mm512_cvtepi32_ps(q), value);
    const __m512 part = _mm512_mul_ps(rest, inverse);
    squares = _mm512_fmadd_ps(part, part, squares);
    total = _mm512_add_epi32(total, q);
    return q;
  }
};

}  // namespace

template <int kWord>
static double quantiseAs(const float* x, int64_t d, float scale, int32_t* words, int32_t* sum) {
  constexpr int64_t kPerStep = 16 / kWord;
  Quantiser quantiser(scale);
  int64_t t = 0, w = 0;
  for (; t + 16 <= d; t += 16, w += kPerStep) {
    const __m512i q = quantiser.add(_mm512_loadu_ps(x + t));
    if (kWord == kInt8Word) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(words + w), _mm512_cvtsepi32_epi8(q));
    } else {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(words + w), _mm512_cvtsepi32_epi16(q));
    }
  }
  if (t < d) {
    const __m512i q = quantiser.add(_mm512_maskz_loadu_ps(firstLanes(d - t), x + t));
    const __mmask16 kept = firstLanes((d - t + kWord - 1) / kWord);
    const __m512i packed = kWord == kInt8Word ? _mm512_castsi128_si512(_mm512_cvtsepi32_epi8(q))
                                              : _mm512_castsi256_si512(_mm512_cvtsepi32_epi16(q));
    _mm512_mask_storeu_epi32(words + w, kept, packed);
  }
  *sum = _mm512_reduce_add_epi32(quantiser.total);
  const double measured = static_cast<double>(_mm512_reduce_add_ps(quantiser.squares));
  return static_cast<double>(scale) * (std::sqrt(measured) * 1.001 + 0x1p-60);
}

double quantise(const float* x, int64_t d, float scale, int word, double norm, int32_t* words,
                int32_t* sum) {
  if (scale == 0) {
    *sum = 0;
    for (int64_t w = 0; w < (d + word - 1) / word; w++) words[w] = 0;
    return norm;
  }
  return word == kInt8Word ? quantiseAs<kInt8Word>(x, d, scale, words, sum)
                           : quantiseAs<kInt16Word>(x, d, scale, words, sum);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
