#include "core/eigen_solve.h"

#include "core/error.h"

// LAPACK, Fortran interface: everything by address, lengths of the characters last.
extern "C" {
// T = Q' A Q, tridiagonal.
void dsytrd_(const char* uplo, const int32_t* n, double* a, const int32_t* lda, double* d,
             double* e, double* tau, double* work, const int32_t* lwork, int32_t* info,
             size_t uplo_length);
// Eigenvalues (ascending) il..iu of T and their vectors, by MRRR.
void dstemr_(const char* jobz, const char* range, const int32_t* n, double* d, double* e,
             const double* vl, const double* vu, const int32_t* il, const int32_t* iu, int32_t* m,
             double* w, double* z, const int32_t* ldz, const int32_t* nzc, int32_t* isuppz,
             int32_t* tryrac, double* work, const int32_t* lwork, int32_t* iwork,
             const int32_t* liwork, int32_t* info, size_t jobz_length, size_t range_length);
// C = Q C.
void dormtr_(const char* side, const char* uplo, const char* trans, const int32_t* m,
             const int32_t* n, double* a, const int32_t* lda, const double* tau, double* c,
             const int32_t* ldc, double* work, const int32_t* lwork, int32_t* info,
             size_t side_length, size_t uplo_length, size_t trans_length);
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

constexpr int64_t kPanel = 64;  // columns that the blocked routines take at a time

/** Descending order of what LAPACK returns ascending. */
void reversed(const std::vector<double>& values, const std::vector<double>& vectors, int64_t dims,
              int64_t components, Eigenpairs& out) {
  out = {};
  for (int64_t c = components - 1; c >= 0; c--) {
    out.values.push_back(values[c]);
    out.vectors.insert(out.vectors.end(), vectors.begin() + c * dims,
                       vectors.begin() + (c + 1) * dims);
  }
}

void requireNoError(int32_t info, const char* routine) {
  if (info != 0) throw Error(DC4J_NUMERIC, text("LAPACK ", routine, " failed with info ", info));
}

}  // namespace

bool leadingEigenpairs(double* matrix, int64_t dims, int64_t components, Eigenpairs& out) {
  const int32_t n = static_cast<int32_t>(dims), wanted = static_cast<int32_t>(components);
  const int32_t first = n - wanted + 1, length = static_cast<int32_t>(dims * kPanel + 18 * dims);
  const int32_t integers = 10 * n;
  const double none = 0;
  int32_t found = 0, info = 0, accurate = 1;
  std::vector<double> work(static_cast<size_t>(length)), diagonal(dims), beside(dims);
  std::vector<double> reflectors(dims), values(dims), vectors(dims * components);
  std::vector<int32_t> iwork(static_cast<size_t>(integers)), support(2 * dims);
  dsytrd_("L", &n, matrix, &n, diagonal.data(), beside.data(), reflectors.data(), work.data(),
          &length, &info, 1);
  requireNoError(info, "dsytrd");
  dstemr_("V", "I", &n, diagonal.data(), beside.data(), &none, &none, &first, &n, &found,
          values.data(), vectors.data(), &n, &wanted, support.data(), &accurate, work.data(),
          &length, iwork.data(), &integers, &info, 1, 1);
  if (info != 0 || found != wanted) return false;
  dormtr_("L", "L", "N", &n, &wanted, matrix, &n, reflectors.data(), vectors.data(), &n,
          work.data(), &length, &info, 1, 1, 1);
  requireNoError(info, "dormtr");
  reversed(values, vectors, dims, components, out);
  return true;
}

void leadingEigenpairsByBisection(double* matrix, int64_t dims, int64_t components,
                                  Eigenpairs& out) {
  const int32_t n = static_cast<int32_t>(dims), first = static_cast<int32_t>(dims - components + 1);
  const double none = 0, tolerance = 0;
  int32_t found = 0, info = 0, query = -1, integer_size = 0;
  double real_size = 0;
  std::vector<double> values(dims), vectors(static_cast<size_t>(dims * components));
  std::vector<int32_t> support(static_cast<size_t>(2 * dims));
  const auto call = [&](double* work, int32_t lwork, int32_t* iwork, int32_t liwork) {
    dsyevr_("V", "I", "L", &n, matrix, &n, &none, &none, &first, &n, &tolerance, &found,
            values.data(), vectors.data(), &n, support.data(), work, &lwork, iwork, &liwork, &info,
            1, 1, 1);
    requireNoError(info, "dsyevr");
  };
  call(&real_size, query, &integer_size, query);
  std::vector<double> work(static_cast<size_t>(real_size));
  std::vector<int32_t> iwork(static_cast<size_t>(integer_size));
  call(work.data(), static_cast<int32_t>(work.size()), iwork.data(), integer_size);
  if (found != components) {
    throw Error(DC4J_NUMERIC, text("LAPACK dsyevr found ", found, " of ", components, " vectors"));
  }
  reversed(values, vectors, dims, components, out);
}

}  // namespace dc4j
