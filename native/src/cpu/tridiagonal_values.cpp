// The `wanted` largest eigenvalues of a symmetric tridiagonal matrix, descending, by bisection on
// the number of eigenvalues below a point, which is that of negative pivots. diagonal [n], beside
// [n - 1]. 60 passes for every value, each n divisions that wait for each other; hence registers of
// values side by side. The same bits for every thread count; judge:
// reference/tridiagonal_values.cpp.
#include <cmath>

#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int kWide = kLanes / 2;  // doubles in a register
constexpr int kSideBySide = 4;     // registers whose divisions overlap
constexpr int kSteps = 60;         // from twice the largest magnitude to below its rounding
constexpr double kSmallestNormal = 0x1p-1022;

/** |eigenvalues| are at most this (Gershgorin). */
double largestOf(int64_t n, const double* diagonal, const double* beside) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) {
    const double left = i > 0 ? std::fabs(beside[i - 1]) : 0;
    const double right = i + 1 < n ? std::fabs(beside[i]) : 0;
    const double reach = std::fabs(diagonal[i]) + left + right;
    if (reach > largest) largest = reach;
  }
  return largest;
}

/** below[v] = how many eigenvalues lie below points[v]. */
void countBelow(int64_t n, const double* diagonal, const double* squares, double tiny,
                const Doubles* points, Doubles* below) {
  Doubles pivot[kSideBySide], count[kSideBySide] = {};
  const Doubles none = {}, one = none + 1, least = none + tiny;
  for (int v = 0; v < kSideBySide; v++) pivot[v] = one;
  for (int64_t i = 0; i < n; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < kSideBySide; v++) {
      Doubles next = diagonal[i] - points[v] - squares[i] / pivot[v];
      const Doubles size = next < none ? -next : next;
      next = size < least ? -least : next;
      pivot[v] = next;
      count[v] += next < none ? one : none;
    }
  }
  for (int v = 0; v < kSideBySide; v++) below[v] = count[v];
}

}  // namespace

void tridiagonal_values(Workers& workers, int64_t n, const double* diagonal, const double* beside,
                        int64_t wanted, double* values) {
  const double largest = largestOf(n, diagonal, beside);
  const double tiny = kSmallestNormal + largest * 0x1p-200;
  Buffer<double> squares(n);  // of what stands left of the diagonal
  for (int64_t i = 0; i < n; i++) squares[i] = i > 0 ? beside[i - 1] * beside[i - 1] : 0;
  workers.forRows(wanted, kSideBySide * kWide, [&](int64_t begin, int64_t end, int) {
    Doubles low[kSideBySide], high[kSideBySide], middle[kSideBySide], below[kSideBySide];
    Doubles rank[kSideBySide];  // of a value, counted from the smallest
    for (int v = 0; v < kSideBySide; v++) {
      low[v] = Doubles{} - largest;
      high[v] = Doubles{} + largest;
      for (int l = 0; l < kWide; l++) {
        rank[v][l] = static_cast<double>(n - 1 - (begin + v * kWide + l));
      }
    }
    for (int step = 0; step < kSteps; step++) {
      for (int v = 0; v < kSideBySide; v++) middle[v] = low[v] + (high[v] - low[v]) / 2;
      countBelow(n, diagonal, squares.data(), tiny, middle, below);
      for (int v = 0; v < kSideBySide; v++) {
        high[v] = below[v] > rank[v] ? middle[v] : high[v];
        low[v] = below[v] > rank[v] ? low[v] : middle[v];
      }
    }
    for (int64_t i = begin; i < end; i++) {
      const int v = static_cast<int>(i - begin) / kWide, l = static_cast<int>(i - begin) % kWide;
      values[i] = low[v][l] + (high[v][l] - low[v][l]) / 2;
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
