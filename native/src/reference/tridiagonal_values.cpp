// The `wanted` largest eigenvalues of a symmetric tridiagonal matrix, descending, by bisection on
// the number of eigenvalues below a point, which is that of negative pivots. diagonal [n], beside
// [n - 1]; within a few roundings of the largest magnitude. Source: Golub & Van Loan, Matrix
// Computations, 8.4.
#include <cmath>
#include <limits>

#include "backend/table.h"

namespace dc4j {
namespace reference {

void tridiagonal_values(Workers&, int64_t n, const double* diagonal, const double* beside,
                        int64_t wanted, double* values) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) {
    const double off =
        (i > 0 ? std::fabs(beside[i - 1]) : 0) + (i + 1 < n ? std::fabs(beside[i]) : 0);
    if (std::fabs(diagonal[i]) + off > largest) largest = std::fabs(diagonal[i]) + off;
  }
  const double tiny = std::numeric_limits<double>::min() + largest * 0x1p-200;
  for (int64_t v = 0; v < wanted; v++) {
    double low = -largest, high = largest;
    for (int step = 0; step < 60; step++) {
      const double middle = low + (high - low) / 2;
      int64_t below = 0;
      double pivot = 1;
      for (int64_t i = 0; i < n; i++) {
        const double square = i > 0 ? beside[i - 1] * beside[i - 1] : 0;
        pivot = diagonal[i] - middle - square / pivot;
        if (std::fabs(pivot) < tiny) pivot = -tiny;
        if (pivot < 0) below++;
      }
      (below > n - 1 - v ? high : low) = middle;
    }
    values[v] = low + (high - low) / 2;
  }
}

}  // namespace reference
}  // namespace dc4j
