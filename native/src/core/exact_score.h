// The exact score and the direct squared distance of kernels.h as plain loops, for the reference
// and for whatever is not worth a vector. The CPU tiers have the same sums in registers
// (cpu/exact_score.h).
//
// Order of every sum: element t is added to lane t mod 32 in increasing t, then lane[l] += lane[l +
// s] for s = 16, 8, 4, 2, 1. Products of two fp32 values are exact in fp64; the square of a
// difference is not, so it enters by a fused multiply-add.
#pragma once
#include <cmath>
#include <cstdint>

namespace dc4j {

inline double foldLanes(double* lane) {
  for (int s = 16; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lane[l] += lane[l + s];
  }
  return lane[0];
}

inline double exactDot(const float* a, const float* b, int64_t d) {
  double lane[32] = {};
  for (int64_t t = 0; t < d; t++) lane[t % 32] += static_cast<double>(a[t]) * b[t];
  return foldLanes(lane);
}

/** score = |c|^2 - 2 x.c */
inline double exactScore(const float* x, const float* c, int64_t d) {
  return exactDot(c, c, d) - 2 * exactDot(x, c, d);
}

inline double exactSquaredDistance(const float* x, const float* c, int64_t d) {
  double lane[32] = {};
  for (int64_t t = 0; t < d; t++) {
    const double difference = static_cast<double>(x[t]) - static_cast<double>(c[t]);
    lane[t % 32] = std::fma(difference, difference, lane[t % 32]);
  }
  return foldLanes(lane);
}

/** Rows whose distances are summed in index order before the sums are added in order. */
constexpr int64_t kObjectiveBlock = 1024;

}  // namespace dc4j
