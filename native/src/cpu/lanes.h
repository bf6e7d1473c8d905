// Folds of a register of floats, in halves.
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef float FourFloats __attribute__((vector_size(16)));
typedef float EightFloats __attribute__((vector_size(32)));

/** Folds to four by `fold`, then to one. */
template <typename Fold>
static inline float foldFloats(Floats v, const Fold& fold) {
#if DC4J_LANES == 16
  const EightFloats half = fold(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                                __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
#elif DC4J_LANES == 8
  const EightFloats half = v;
#endif
#if DC4J_LANES >= 8
  const FourFloats four = fold(__builtin_shufflevector(half, half, 0, 1, 2, 3),
                               __builtin_shufflevector(half, half, 4, 5, 6, 7));
#else
  const FourFloats four = v;
#endif
  const FourFloats two = fold(four, __builtin_shufflevector(four, four, 2, 3, 0, 1));
  return fold(two, __builtin_shufflevector(two, two, 1, 0, 3, 2))[0];
}

static inline float sumOf(Floats v) {
  return foldFloats(v, [](const auto& a, const auto& b) { return a + b; });
}

static inline float maxOf(Floats v) {
  return foldFloats(v, [](const auto& a, const auto& b) { return a > b ? a : b; });
}

/** most[i] = the largest of v[i], i < 4. */
static inline void maxOfFour(const Floats* v, float* most) {
#if DC4J_LANES == 16
  // Two rounds leave, in every quarter of a register, the largest of that quarter of each.
  const auto larger = [](Floats a, Floats b) { return a > b ? a : b; };
  const auto pairs = [&](Floats a, Floats b) {
    return larger(
        __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29),
        __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31));
  };
  const Floats ab = pairs(v[0], v[1]), cd = pairs(v[2], v[3]);
  const Floats all = larger(
      __builtin_shufflevector(ab, cd, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
      __builtin_shufflevector(ab, cd, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31));
  const EightFloats low = __builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7);
  const EightFloats high = __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15);
  const EightFloats half = low > high ? low : high;
  const FourFloats left = __builtin_shufflevector(half, half, 0, 1, 2, 3);
  const FourFloats right = __builtin_shufflevector(half, half, 4, 5, 6, 7);
  *reinterpret_cast<FourFloats*>(most) = left > right ? left : right;
#else
  for (int i = 0; i < 4; i++) most[i] = maxOf(v[i]);
#endif
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
