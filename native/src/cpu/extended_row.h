// A row moved from one memory row towards another, in fp64: what extend_rows and its gradient
// share. Files that include this are compiled without fused multiply-adds, which would move a
// rounding.
#pragma once
#include "core/first_row.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** v = x + lambda (c_other - c_own), or x alone; writes v [d]. */
static inline void extendRow(const float* x, ConstMatrix memory, int32_t own, int32_t other,
                             double lambda, double* v) {
  const int64_t d = memory.cols;
  if (own < 0 || other < 0) {
    for (int64_t t = 0; t < d; t++) v[t] = static_cast<double>(x[t]);
    return;
  }
  const float *from = memory.row(own), *to = memory.row(other);
  for (int64_t t = 0; t < d; t++) {
    v[t] = static_cast<double>(x[t]) +
           lambda * (static_cast<double>(to[t]) - static_cast<double>(from[t]));
  }
}

/** sum a_t b_t over 32 lanes, as core/exact_score.h orders it. */
template <typename Value>
static inline double lanesDot(const Value* a, const double* b, int64_t d) {
  double lane[32] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
    for (int l = 0; l < 32; l++) lane[l] += static_cast<double>(a[t + l]) * b[t + l];
  }
  for (int l = 0; t < d; t++, l++) lane[l] += static_cast<double>(a[t]) * b[t];
  for (int s = 16; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lane[l] += lane[l + s];
  }
  return lane[0];
}

/** Throws for the lowest row that is not finite. */
static inline void requireFiniteRows(Workers& workers, ConstMatrix rows, const char* name) {
  FirstRow bad;
  workers.forRows(rows.rows, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      if (!finiteRow(rows.row(i), rows.cols)) bad.report(i);
    }
  });
  if (bad.row() >= 0) notFinite(name, bad.row());
}

/** The same for the memory rows that labels name. */
static inline void requireFiniteNamed(Workers& workers, ConstMatrix memory, const int32_t* labels,
                                      int64_t n) {
  FirstRow bad;
  workers.forRows(n, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      if (labels[i] >= 0 && !finiteRow(memory.row(labels[i]), memory.cols)) bad.report(labels[i]);
    }
  });
  if (bad.row() >= 0) notFinite("memory", bad.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
