// Eigenvectors of a symmetric tridiagonal matrix, each on its own.
#pragma once
#include <vector>

#include "core/eigen_solve.h"

namespace dc4j {

/** Whether vectors found one by one are orthogonal, with nothing done to make them so: the angle
 * between two is off by some roundings of the largest magnitude over the values' distance, here at
 * most 2^-53 / 2^-26 = 2^-27. values descending, one more than there are vectors (if there is). */
bool areSeparated(const std::vector<double>& values);

/** pairs.vectors [values x n], unit rows, of pairs.values, which are eigenvalues but for rounding.
 * Three steps from one start, each solves (T - value) v = v by LU with pivoting (dgttrf). The same
 * bits for every number of threads.
 * Source: Golub & Van Loan, Matrix Computations, 8.2.2. */
void inverseIteration(Workers& workers, const std::vector<double>& diagonal,
                      const std::vector<double>& beside, Eigenpairs& pairs);

}  // namespace dc4j
