// T = Q' A Q by Householder reflections, one column after the other, in fp64. matrix [n x n]: lower
// triangle of column-major storage; on return column j holds reflector j below the subdiagonal,
// whose first element, 1, is not stored. diagonal [n] and beside [n - 1] are T's, factors [n - 1]
// the reflections': H_j = I - factors[j] v v', Q = H_0 H_1 ... (as LAPACK's dsytrd leaves them).
// 4 n^3 / 3 multiply-adds. Source: Golub & Van Loan, Matrix Computations, 8.3.1.
#include <cmath>
#include <vector>

#include "backend/table.h"

namespace dc4j {
namespace reference {

void tridiagonalise(Workers&, int64_t n, double* matrix, double* diagonal, double* beside,
                    double* factors) {
  std::vector<double> w(static_cast<size_t>(n));
  for (int64_t j = 0; j + 1 < n; j++) {
    double* v = matrix + j * n;
    double rest = 0;
    for (int64_t i = j + 2; i < n; i++) rest += v[i] * v[i];
    const double first = v[j + 1];
    const double beta = rest == 0 ? first : -std::copysign(std::sqrt(first * first + rest), first);
    const double factor = rest == 0 ? 0 : (beta - first) / beta;
    diagonal[j] = v[j];
    beside[j] = beta;
    factors[j] = factor;
    if (factor == 0) continue;
    for (int64_t i = j + 2; i < n; i++) v[i] /= first - beta;
    v[j + 1] = 1;
    double along = 0;
    for (int64_t i = j + 1; i < n; i++) {
      double sum = 0;
      for (int64_t t = j + 1; t < n; t++) sum += matrix[t < i ? t * n + i : i * n + t] * v[t];
      w[i] = factor * sum;
      along += w[i] * v[i];
    }
    for (int64_t i = j + 1; i < n; i++) w[i] -= factor / 2 * along * v[i];
    for (int64_t t = j + 1; t < n; t++) {
      for (int64_t i = t; i < n; i++) matrix[t * n + i] -= v[i] * w[t] + w[i] * v[t];
    }
  }
  if (n > 0) diagonal[n - 1] = matrix[n * n - 1];
}

}  // namespace reference
}  // namespace dc4j
