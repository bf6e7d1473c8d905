#include "core/eigen_solve.h"

#include <algorithm>

#include "core/error.h"
#include "core/inverse_iteration.h"

// LAPACK, Fortran interface: everything by address, lengths of the characters last.
extern "C" {
// Eigenvalues (ascending) il..iu of T and their vectors, by MRRR.
void dstemr_(const char* jobz, const char* range, const int32_t* n, double* d, double* e,
             const double* vl, const double* vu, const int32_t* il, const int32_t* iu, int32_t* m,
             double* w, double* z, const int32_t* ldz, const int32_t* nzc, int32_t* isuppz,
             int32_t* tryrac, double* work, const int32_t* lwork, int32_t* iwork,
             const int32_t* liwork, int32_t* info, size_t jobz_length, size_t range_length);
// T of a block of reflections, H_0 H_1 ... = I - V T V'.
void dlarft_(const char* direct, const char* storev, const int32_t* n, const int32_t* k, double* v,
             const int32_t* ldv, const double* tau, double* t, const int32_t* ldt,
             size_t direct_length, size_t storev_length);
// C = (I - V T V') C.
void dlarfb_(const char* side, const char* trans, const char* direct, const char* storev,
             const int32_t* m, const int32_t* n, const int32_t* k, const double* v,
             const int32_t* ldv, const double* t, const int32_t* ldt, double* c, const int32_t* ldc,
             double* work, const int32_t* ldwork, size_t side_length, size_t trans_length,
             size_t direct_length, size_t storev_length);
// Eigenvalues (ascending) il..iu of a symmetric matrix and their vectors.
void dsyevr_(const char* jobz, const char* range, const char* uplo, const int32_t* n, double* a,
             const int32_t* lda, const double* vl, const double* vu, const int32_t* il,
             const int32_t* iu, const double* abstol, int32_t* m, double* w, double* z,
             const int32_t* ldz, int32_t* isuppz, double* work, const int32_t* lwork,
             int32_t* iwork, const int32_t* liwork, int32_t* info, size_t jobz_length,
             size_t range_length, size_t uplo_length);
}

namespace dc4j {
namespace {

constexpr int64_t kPanel = 32;    // reflections that act together
constexpr int64_t kVectors = 32;  // that they act on together

/** Descending order of what LAPACK returns ascending. */
void reverse(int64_t dims, int64_t components, Eigenpairs& pairs) {
  std::reverse(pairs.values.begin(), pairs.values.end());
  for (int64_t low = 0, high = components - 1; low < high; low++, high--) {
    double* column = pairs.vectors.data() + low * dims;
    std::swap_ranges(column, column + dims, pairs.vectors.data() + high * dims);
  }
}

void requireNoError(int32_t info, const char* routine) {
  if (info != 0) throw Error(DC4J_NUMERIC, text("LAPACK ", routine, " failed with info ", info));
}

/** By MRRR; false where it gives up. */
bool leadingOfTridiagonal(std::vector<double>& diagonal, std::vector<double>& beside,
                          int64_t components, Eigenpairs& out) {
  const int64_t dims = static_cast<int64_t>(diagonal.size());
  const int32_t n = static_cast<int32_t>(dims), wanted = static_cast<int32_t>(components);
  const int32_t first = n - wanted + 1, length = 18 * n, integers = 10 * n;
  const double none = 0;
  int32_t found = 0, info = 0, accurate = 1;
  std::vector<double> work(static_cast<size_t>(length));
  std::vector<int32_t> iwork(static_cast<size_t>(integers)), support(2 * dims);
  out.values.resize(dims);
  dstemr_("V", "I", &n, diagonal.data(), beside.data(), &none, &none, &first, &n, &found,
          out.values.data(), out.vectors.data(), &n, &wanted, support.data(), &accurate,
          work.data(), &length, iwork.data(), &integers, &info, 1, 1);
  out.values.resize(components);
  reverse(dims, components, out);
  return info == 0 && found == wanted;
}

/** vectors = H_0 H_1 ... vectors, with the reflections that tridiagonalise leaves. Jobs are fixed.
 */
void reflect(Workers& workers, double* matrix, const std::vector<double>& factors, int64_t dims,
             int64_t components, double* vectors) {
  const int32_t n = static_cast<int32_t>(dims), width = kPanel;
  const int64_t reflections = dims - 1, panels = (reflections + kPanel - 1) / kPanel;
  std::vector<double> triangles(panels * kPanel * kPanel);
  const auto rowsOf = [&](int64_t p) { return static_cast<int32_t>(reflections - p * kPanel); };
  const auto below = [&](int64_t p) { return matrix + p * kPanel * dims + p * kPanel + 1; };
  workers.forEach(panels, [&](int64_t p, int) {
    const int32_t m = rowsOf(p), k = std::min(m, width);
    dlarft_("F", "C", &m, &k, below(p), &n, factors.data() + p * kPanel,
            triangles.data() + p * kPanel * kPanel, &width, 1, 1);
  });
  workers.forRows(components, kVectors, [&](int64_t begin, int64_t end, int) {
    const int32_t count = static_cast<int32_t>(end - begin);
    std::vector<double> work(kVectors * kPanel);
    for (int64_t p = panels - 1; p >= 0; p--) {
      const int32_t m = rowsOf(p), k = std::min(m, width);
      dlarfb_("L", "N", "F", "C", &m, &count, &k, below(p), &n,
              triangles.data() + p * kPanel * kPanel, &width,
              vectors + begin * dims + p * kPanel + 1, &n, work.data(), &count, 1, 1, 1, 1);
    }
  });
}

}  // namespace

bool leadingEigenpairs(const KernelTable& kernels, Workers& workers, double* matrix, int64_t dims,
                       int64_t components, Eigenpairs& out) {
  std::vector<double> diagonal(dims), beside(dims), factors(dims);
  kernels.tridiagonalise(workers, dims, matrix, diagonal.data(), beside.data(), factors.data());
  out.vectors.resize(dims * components);
  out.values.resize(std::min(components + 1, dims));
  kernels.tridiagonal_values(workers, dims, diagonal.data(), beside.data(),
                             static_cast<int64_t>(out.values.size()), out.values.data());
  const bool separated = areSeparated(out.values);
  out.values.resize(components);
  if (separated) {
    inverseIteration(workers, diagonal, beside, out);
  } else if (!leadingOfTridiagonal(diagonal, beside, components, out)) {
    return false;
  }
  reflect(workers, matrix, factors, dims, components, out.vectors.data());
  return true;
}

void leadingEigenpairsByBisection(double* matrix, int64_t dims, int64_t components,
                                  Eigenpairs& out) {
  const int32_t n = static_cast<int32_t>(dims), first = static_cast<int32_t>(dims - components + 1);
  const double none = 0, tolerance = 0;
  int32_t found = 0, info = 0, query = -1, integer_size = 0;
  double real_size = 0;
  out.values.resize(dims);
  out.vectors.resize(dims * components);
  std::vector<int32_t> support(static_cast<size_t>(2 * dims));
  const auto call = [&](double* work, int32_t lwork, int32_t* iwork, int32_t liwork) {
    dsyevr_("V", "I", "L", &n, matrix, &n, &none, &none, &first, &n, &tolerance, &found,
            out.values.data(), out.vectors.data(), &n, support.data(), work, &lwork, iwork, &liwork,
            &info, 1, 1, 1);
    requireNoError(info, "dsyevr");
  };
  call(&real_size, query, &integer_size, query);
  std::vector<double> work(static_cast<size_t>(real_size));
  std::vector<int32_t> iwork(static_cast<size_t>(integer_size));
  call(work.data(), static_cast<int32_t>(work.size()), iwork.data(), integer_size);
  if (found != components) {
    throw Error(DC4J_NUMERIC, text("LAPACK dsyevr found ", found, " of ", components, " vectors"));
  }
  out.values.resize(components);
  reverse(dims, components, out);
}

}  // namespace dc4j
