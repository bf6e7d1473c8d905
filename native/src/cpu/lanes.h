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

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
