// The leading eigenpairs of a symmetric matrix, through LAPACK, on the calling thread.
#pragma once
#include <cstdint>
#include <vector>

namespace dc4j {

struct Eigenpairs {
  std::vector<double> values;   // descending
  std::vector<double> vectors;  // one after the other, as the values
};

/** Tridiagonal reduction, then MRRR for the leading pairs alone (dsytrd, dstemr, dormtr): a tenth
 * faster than dsyevr, which bisects when not all are wanted.
 *  @param matrix [dims x dims], lower triangle of column-major storage; destroyed
 *  @return false where MRRR gave up, which LAPACK allows it to */
bool leadingEigenpairs(double* matrix, int64_t dims, int64_t components, Eigenpairs& out);

/** The same by dsyevr; throws Error(DC4J_NUMERIC) where that fails too. */
void leadingEigenpairsByBisection(double* matrix, int64_t dims, int64_t components,
                                  Eigenpairs& out);

}  // namespace dc4j
