// The solve behind the PCA: sizes about the panels' and blocks' ends, matrices that are diagonal
// already, eigenvalues that coincide (which inverse iteration leaves to MRRR), threads. The scatter
// is of integers, exact in every backend, so that nothing but the solve differs.
#include <dc4j/kernels.h>

#include <algorithm>
#include <map>

#include "plain.h"

namespace {

struct Solved {
  std::vector<double> values;
  std::vector<float> transform;
  bool operator==(const Solved& other) const {
    return values == other.values && transform == other.transform;
  }
};

Solved solve(const TestContext& test, TestMatrix& x, int64_t components) {
  TestMatrix mean(1, x.view.cols), transform(components, x.view.cols);
  Solved out{std::vector<double>(size_t(components)), {}};
  int64_t rank = 0;
  dc4j_pca* pca = nullptr;
  CHECK(dc4j_pca_begin(test.context, x.view.cols, DC4J_PRECISION_FP32, &pca) == DC4J_OK);
  CHECK(dc4j_pca_add(pca, &x.view) == DC4J_OK, << dc4j_last_error());
  CHECK(dc4j_pca_finish(pca, components, 0, &mean.view, &transform.view, out.values.data(),
                        &rank) == DC4J_OK,
        << dc4j_last_error());
  dc4j_pca_close(pca);
  out.transform = transform.values;
  return out;
}

/** Rows in pairs about 0: the shift is 0, and sums are exact. */
void mirror(TestMatrix& x) {
  for (int64_t i = 1; i < x.view.rows; i += 2) {
    for (int64_t t = 0; t < x.view.cols; t++) x.row(i)[t] = -x.row(i - 1)[t];
  }
}

std::vector<double> covariance(TestMatrix& x) {
  const int64_t n = x.view.rows, d = x.view.cols;
  std::vector<double> c(size_t(d * d), 0);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t a = 0; a < d; a++) {
      for (int64_t b = 0; b < d; b++) c[a * d + b] += double(x.row(i)[a]) * x.row(i)[b];
    }
  }
  for (double& v : c) v /= double(n - 1);
  return c;
}

/** C u = lambda u and U orthonormal, to what the transform's fp32 leaves. */
void checkPairs(const std::vector<double>& c, int64_t d, const Solved& got,
                const std::string& what) {
  const int64_t m = int64_t(got.values.size());
  const double largest = got.values[0];
  std::vector<double> u(size_t(m * d));
  for (int64_t p = 0; p < m; p++) {
    CHECK(p == 0 || got.values[p] <= got.values[p - 1] + 1e-13 * largest, << what << " " << p);
    const double floor = double(d) * std::ldexp(1.0, -24) * largest;
    const double root = std::sqrt(std::max(got.values[p], floor));
    for (int64_t t = 0; t < d; t++) u[p * d + t] = got.transform[p * d + t] * root;
  }
  for (int64_t p = 0; p < m; p++) {
    for (int64_t q = 0; q <= p; q++) {
      double dot = 0;
      for (int64_t t = 0; t < d; t++) dot += u[p * d + t] * u[q * d + t];
      CHECK(std::fabs(dot - (p == q)) < 1e-6, << what << " " << p << "," << q << ": " << dot);
    }
    double residual = 0;
    for (int64_t a = 0; a < d; a++) {
      double sum = -got.values[p] * u[p * d + a];
      for (int64_t b = 0; b < d; b++) sum += c[a * d + b] * u[p * d + b];
      residual += sum * sum;
    }
    CHECK(std::sqrt(residual) <= 1e-6 * largest,
          << what << " residual of " << p << ": " << std::sqrt(residual) / largest);
  }
}

/** Values of all backends within rounding of the reference's; the same bits for every number of
 * threads. */
void check(const TestContext& test, TestMatrix& x, int64_t components, const std::string& what) {
  static std::map<std::string, Solved> earlier;
  const Solved got = solve(test, x, components);
  checkPairs(covariance(x), x.view.cols, got, what);
  const Solved& judge = earlier.emplace(what, got).first->second;  // the reference comes first
  for (size_t p = 0; p < got.values.size(); p++) {
    CHECK(std::fabs(got.values[p] - judge.values[p]) <= 1e-13 * judge.values[0],
          << what << " value " << p << ": " << got.values[p] - judge.values[p]);
  }
  const std::string tier = test.name.substr(0, test.name.rfind('/')) + " " + what;
  CHECK(earlier.emplace(tier, got).first->second == got, << tier << ": bits depend on threads");
}

void sizes(const TestContext& test) {
  for (int64_t d : {1, 2, 3, 8, 31, 32, 33, 34, 63, 64, 65, 66, 97, 129, 200}) {
    TestMatrix x(2 * d + 4, d);
    fillIntegers(x, uint64_t(d), 40);
    mirror(x);
    for (int64_t m : {int64_t(1), (d + 1) / 2, d}) {
      check(test, x, m, std::to_string(d) + " to " + std::to_string(m));
    }
  }
}

/** One column a row: the covariance is diagonal, and no reflection has anything to do. */
void diagonals(const TestContext& test) {
  for (int64_t d : {5, 40, 70}) {
    TestMatrix distinct(2 * d, d), equal(2 * d, d), steps(2 * d, d);
    for (int64_t t = 0; t < d; t++) {
      distinct.row(2 * t)[t] = float(t + 1);
      equal.row(2 * t)[t] = 3;
      steps.row(2 * t)[t] = float(1 + t / 4);
    }
    for (TestMatrix* x : {&distinct, &equal, &steps}) mirror(*x);
    const std::string size = std::to_string(d);
    check(test, distinct, d, "distinct diagonal " + size);
    check(test, equal, d, "multiple of one " + size);
    check(test, steps, d / 2, "equal in fours " + size);
  }
}

/** Every column twice: half of the eigenvalues are 0. And blocks that know nothing of each other.
 */
void coincident(const TestContext& test) {
  TestMatrix twice(200, 66), blocks(200, 66);
  fillIntegers(twice, 5, 40);
  fillIntegers(blocks, 6, 40);
  for (int64_t i = 0; i < 200; i++) {
    for (int64_t t = 0; t < 33; t++) twice.row(i)[t + 33] = twice.row(i)[t];
    for (int64_t t = 0; t < 33; t++) blocks.row(i)[i < 100 ? t : t + 33] = 0;
  }
  for (int64_t i = 0; i < 100; i++) {  // the same block on both sides: every eigenvalue twice
    for (int64_t t = 0; t < 33; t++) blocks.row(i + 100)[t] = blocks.row(i)[t + 33];
  }
  mirror(twice);
  mirror(blocks);
  check(test, twice, 66, "columns twice");
  check(test, blocks, 66, "two equal blocks");
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    sizes(test);
    diagonals(test);
    coincident(test);
  });
  return finish();
}
