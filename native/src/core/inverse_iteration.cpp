#include "core/inverse_iteration.h"

#include <algorithm>
#include <cmath>

#include "core/philox.h"

// LAPACK, Fortran interface: everything by address, lengths of the characters last.
extern "C" {
// LU of a tridiagonal matrix, and the solution of a system with it.
void dgttrf_(const int32_t* n, double* dl, double* d, double* du, double* du2, int32_t* ipiv,
             int32_t* info);
void dgttrs_(const char* trans, const int32_t* n, const int32_t* nrhs, const double* dl,
             const double* d, const double* du, const double* du2, const int32_t* ipiv, double* b,
             const int32_t* ldb, int32_t* info, size_t trans_length);
}

namespace dc4j {
namespace {

constexpr double kSeparation = 0x1p-26;
constexpr double kRounding = 0x1p-53;
constexpr int kSteps = 3;
constexpr int64_t kVectors = 16;  // of a job

/** LU of T - value. */
class Shifted {
 public:
  explicit Shifted(int64_t n) : n_(static_cast<int32_t>(n)), upper2_(n), pivots_(n) {}

  void factor(const std::vector<double>& diagonal, const std::vector<double>& beside, double value,
              double tiny) {
    lower_ = upper_ = beside;
    diagonal_ = diagonal;
    for (double& d : diagonal_) d -= value;
    int32_t info = 0;
    dgttrf_(&n_, lower_.data(), diagonal_.data(), upper_.data(), upper2_.data(), pivots_.data(),
            &info);
    // The matrix is singular but for rounding, by intention.
    for (double& d : diagonal_) {
      if (std::fabs(d) < tiny) d = std::copysign(tiny, d);
    }
  }

  void solve(double* x) const {
    const int32_t one = 1;
    int32_t info = 0;
    dgttrs_("N", &n_, &one, lower_.data(), diagonal_.data(), upper_.data(), upper2_.data(),
            pivots_.data(), x, &n_, &info, 1);
  }

 private:
  int32_t n_;
  std::vector<double> lower_, diagonal_, upper_, upper2_;
  std::vector<int32_t> pivots_;
};

void normalize(double* x, int64_t n) {
  double squares = 0;
  for (int64_t i = 0; i < n; i++) squares += x[i] * x[i];
  const double length = std::sqrt(squares);
  for (int64_t i = 0; i < n; i++) x[i] /= length;
}

}  // namespace

bool areSeparated(const std::vector<double>& values) {
  const double largest = std::max(std::fabs(values.front()), std::fabs(values.back()));
  if (!(largest > 0)) return false;
  for (size_t i = 1; i < values.size(); i++) {
    if (!(values[i - 1] - values[i] > kSeparation * largest)) return false;
  }
  return true;
}

void inverseIteration(Workers& workers, const std::vector<double>& diagonal,
                      const std::vector<double>& beside, Eigenpairs& pairs) {
  const int64_t n = static_cast<int64_t>(diagonal.size());
  const double tiny =
      kRounding * std::max(std::fabs(pairs.values.front()), std::fabs(pairs.values.back()));
  std::vector<double> start(n);
  for (int64_t i = 0; i < n; i++) start[i] = philoxUniform(0, static_cast<uint64_t>(i)) - 0.5;
  workers.forRows(static_cast<int64_t>(pairs.values.size()), kVectors,
                  [&](int64_t begin, int64_t end, int) {
                    Shifted shifted(n);
                    for (int64_t v = begin; v < end; v++) {
                      double* x = pairs.vectors.data() + v * n;
                      std::copy(start.begin(), start.end(), x);
                      shifted.factor(diagonal, beside, pairs.values[v], tiny);
                      for (int step = 0; step < kSteps; step++) {
                        shifted.solve(x);
                        normalize(x, n);
                      }
                    }
                  });
}

}  // namespace dc4j
