// The leading eigenpairs of a symmetric matrix, on all threads; LAPACK runs on one at a time, for
// its bits depend on its own number of threads.
#pragma once
#include <cstdint>
#include <vector>

#include "backend/table.h"

namespace dc4j {

struct Eigenpairs {
  std::vector<double> values;   // descending
  std::vector<double> vectors;  // one after the other, as the values
};

/** Tridiagonal reduction (kernels.tridiagonalise), then inverse iteration for the leading pairs
 * where they are separated, else MRRR (dstemr). In place of dsyevr: most of that one's steps take
 * one thread, and it bisects one value at a time where not all are wanted.
 *  @param matrix [dims x dims], lower triangle of column-major storage; destroyed
 *  @return false where MRRR gave up, which LAPACK allows it to */
bool leadingEigenpairs(const KernelTable& kernels, Workers& workers, double* matrix, int64_t dims,
                       int64_t components, Eigenpairs& out);

/** The same by dsyevr; throws Error(DC4J_NUMERIC) where that fails too. */
void leadingEigenpairsByBisection(double* matrix, int64_t dims, int64_t components,
                                  Eigenpairs& out);

}  // namespace dc4j
