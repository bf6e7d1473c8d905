// PCA and whitening: eigenpairs against the plain fp64 covariance, unit variance, large means,
// streaming in any split, deficient rank, scales, bf16 products, any number of threads, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "plain.h"

struct Result {
  TestMatrix mean, transform;
  std::vector<double> values;
  int64_t rank = -1;
  dc4j_status status = DC4J_OK;
  Result(int64_t dims, int64_t components)
      : mean(1, dims), transform(components, dims, dims + 1), values(size_t(components)) {}
};

static void fit(const TestContext& test, TestMatrix& x, int64_t step, Result& r,
                double floor_ratio = 0, int32_t precision = DC4J_PRECISION_FP32) {
  dc4j_pca* pca = nullptr;
  CHECK(dc4j_pca_begin(test.context, x.view.cols, precision, &pca) == DC4J_OK,
        << dc4j_last_error());
  for (int64_t i = 0; i < x.view.rows; i += step) {
    dc4j_matrix block = x.view;
    block.data += i * x.view.stride;
    block.rows = std::min(step, x.view.rows - i);
    CHECK(dc4j_pca_add(pca, &block) == DC4J_OK, << dc4j_last_error());
  }
  r.status = dc4j_pca_finish(pca, r.transform.view.rows, floor_ratio, &r.mean.view,
                             &r.transform.view, r.values.data(), &r.rank);
  dc4j_pca_close(pca);
}

/** Plain covariance in fp64, two passes. */
static std::vector<double> covariance(TestMatrix& x) {
  const int64_t n = x.view.rows, d = x.view.cols;
  std::vector<double> mean(size_t(d), 0), c(size_t(d * d), 0);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t t = 0; t < d; t++) mean[t] += x.row(i)[t] / double(n);
  }
  for (int64_t i = 0; i < n; i++) {
    for (int64_t a = 0; a < d; a++) {
      for (int64_t b = 0; b < d; b++) {
        c[a * d + b] += (x.row(i)[a] - mean[a]) * (x.row(i)[b] - mean[b]) / double(n - 1);
      }
    }
  }
  return c;
}

/** |C u - lambda u| small, u orthonormal, lambda descending, sign as documented. */
static void checkPairs(TestMatrix& x, Result& r, double tolerance, const std::string& what) {
  CHECK(r.status == DC4J_OK, << what << dc4j_last_error());
  const int64_t d = x.view.cols, m = r.transform.view.rows;
  const auto c = covariance(x);
  const double floor = double(d) * std::ldexp(1.0, -24) * r.values[0];
  std::vector<std::vector<double>> u;
  for (int64_t p = 0; p < m; p++) {
    CHECK(p == 0 || r.values[p] <= r.values[p - 1], << what);
    const double root = std::sqrt(std::max(r.values[p], floor));
    u.emplace_back();
    int64_t top = 0;
    for (int64_t t = 0; t < d; t++) {
      u[p].push_back(r.transform.row(p)[t] * root);
      if (std::fabs(u[p][t]) > std::fabs(u[p][top]) * (1 + 1e-6)) top = t;
    }
    CHECK(u[p][top] > 0, << what << " sign of " << p);
    for (int64_t q = 0; q <= p; q++) {
      double dot = 0;
      for (int64_t t = 0; t < d; t++) dot += u[p][t] * u[q][t];
      CHECK(std::fabs(dot - (p == q)) < 1e-5, << what << " " << p << "," << q << ": " << dot);
    }
    double residual = 0;
    for (int64_t a = 0; a < d; a++) {
      double sum = -r.values[p] * u[p][a];
      for (int64_t b = 0; b < d; b++) sum += c[a * d + b] * u[p][b];
      residual += sum * sum;
    }
    CHECK(std::sqrt(residual) <= tolerance * r.values[0],
          << what << " residual of " << p << ": " << std::sqrt(residual) / r.values[0]);
  }
}

/** Correlated columns of falling variance about a mean. */
static void fillData(TestMatrix& x, double mean_ratio) {
  fillGaussian(x, 17);
  for (int64_t i = 0; i < x.view.rows; i++) {
    float* row = x.row(i);
    for (int64_t t = 0; t < x.view.cols; t++) {
      const float own = row[t] / float(1 + t % 11);
      row[t] = own + (t > 0 ? 0.3f * row[t - 1] : 0) + float(mean_ratio);
    }
    for (int64_t t = x.view.cols - 1; t > 0; t--) row[t] -= 0.3f * float(mean_ratio);
  }
}

static void fits(const TestContext& test) {
  for (int64_t d : {1, 2, 7, 16, 33, 70}) {
    for (int64_t n : {90, 300}) {
      TestMatrix x(n, d, d + 2);
      fillData(x, 0);
      for (int64_t m : {int64_t(1), (d + 1) / 2, d}) {
        Result r(d, m);
        fit(test, x, n, r);
        checkPairs(x, r, 1e-6, "sizes");
        CHECK(r.rank == m);
      }
    }
  }
  TestMatrix large(2100, 40);
  fillData(large, 0);
  Result whole(40, 40), parts(40, 40);
  fit(test, large, 2100, whole);
  fit(test, large, 77, parts);
  checkPairs(large, whole, 1e-6, "2100 rows");
  for (int p = 0; p < 40; p++) {
    CHECK(std::fabs(whole.values[p] - parts.values[p]) < 1e-6 * whole.values[0]);
  }
  for (float scale : {1e-18f, 1e18f}) {
    TestMatrix x(100, 12);
    fillData(x, 0);
    for (float& v : x.values) v *= scale;
    Result r(12, 12);
    fit(test, x, 33, r);
    checkPairs(x, r, 1e-6, "scale");
  }
}

/** Means 100 times the deviations: the leading subspace within a sine of 1e-3. */
static void largeMean(const TestContext& test) {
  TestMatrix x(1500, 24), near(1500, 24);
  fillData(near, 0);
  for (size_t e = 0; e < x.values.size(); e++) x.values[e] = near.values[e] + 100;
  for (size_t e = 0; e < x.values.size(); e++) near.values[e] = x.values[e] - 100;  // same rounding
  Result a(24, 6), b(24, 6);
  fit(test, x, 500, a);
  fit(test, near, 500, b);
  checkPairs(x, a, 1e-6, "large mean");
  for (int p = 0; p < 6; p++) {
    double cosine = 0, left = 0, right = 0;
    for (int t = 0; t < 24; t++) {
      cosine += double(a.transform.row(p)[t]) * b.transform.row(p)[t];
      left += double(a.transform.row(p)[t]) * a.transform.row(p)[t];
      right += double(b.transform.row(p)[t]) * b.transform.row(p)[t];
    }
    const double ratio = cosine * cosine / (left * right);
    CHECK(std::sqrt(std::max(0.0, 1 - ratio)) <= 1e-3, << p << " " << ratio);
  }
}

static void rank(const TestContext& test) {
  TestMatrix x(60, 20), few(5, 20);
  fillGaussian(x, 4);
  for (int64_t i = 0; i < 60; i++) {
    for (int64_t t = 3; t < 20; t++) x.row(i)[t] = x.row(i)[t % 3] * (t % 2 ? 2 : -1);
  }
  Result r(20, 8);
  fit(test, x, 60, r);
  CHECK(r.status == DC4J_OK && r.rank == 3, << r.rank);
  for (float v : r.transform.values) CHECK(std::isfinite(v));
  fillGaussian(few, 5);
  Result less(20, 20);
  fit(test, few, 2, less);
  CHECK(less.status == DC4J_OK && less.rank == 4, << less.rank);
  Result floored(20, 8);
  fit(test, x, 60, floored, 0.9);
  double norm = 0;
  for (int64_t t = 0; t < 20; t++) norm += std::pow(floored.transform.row(7)[t], 2);
  CHECK(std::fabs(norm * 0.9 * floored.values[0] - 1) < 1e-5);
}

static void whitened(const TestContext& test) {
  for (int64_t d : {1, 5, 33, 300}) {
    TestMatrix x(d == 300 ? 320 : 150, d, d + 1);
    fillData(x, 5);
    const int64_t n = x.view.rows, m = d == 300 ? 9 : (d + 1) / 2;
    Result r(d, m);
    fit(test, x, n, r);
    TestMatrix y(n, m, m + 2), unit(n, m);
    CHECK(dc4j_whiten_apply(test.context, &x.view, &r.mean.view, &r.transform.view, 0, &y.view) ==
          DC4J_OK);
    CHECK(dc4j_whiten_apply(test.context, &x.view, &r.mean.view, &r.transform.view, 1,
                            &unit.view) == DC4J_OK);
    for (int64_t p = 0; p < m; p++) {
      double sum = 0, square = 0;
      for (int64_t i = 0; i < n; i++) {
        double plain = 0, size = 0, norm = 0;
        for (int64_t t = 0; t < d; t++) {
          const double term =
              (double(x.row(i)[t]) - r.mean.row(0)[t]) * double(r.transform.row(p)[t]);
          plain += term;
          size += std::fabs(term);
        }
        CHECK(std::fabs(y.row(i)[p] - plain) <= 1e-6 * size + 1e-6, << d << " " << i << "," << p);
        for (int64_t q = 0; q < m; q++) norm += double(y.row(i)[q]) * y.row(i)[q];
        CHECK(std::fabs(unit.row(i)[p] - y.row(i)[p] / std::sqrt(norm)) < 1e-6);
        sum += y.row(i)[p];
        square += double(y.row(i)[p]) * y.row(i)[p];
      }
      CHECK(std::fabs(square / double(n - 1) - 1) < 1e-3, << d << " " << square / double(n - 1));
      CHECK(std::fabs(sum / double(n)) < 1e-3);
    }
  }
  TestMatrix x(2, 3), mean(1, 3), t(2, 3), out(2, 2);
  for (float& v : t.values) v = 1e-38f;
  for (int i = 0; i < 3; i++) x.row(1)[i] = 3e38f;
  CHECK(dc4j_whiten_apply(test.context, &x.view, &mean.view, &t.view, 1, &out.view) == DC4J_OK);
  CHECK(out.row(0)[0] == 0 && std::fabs(out.row(1)[1] - std::sqrt(0.5f)) < 1e-6);
}

static bool sameBits(const Result& a, const Result& b) {
  return a.status == DC4J_OK && b.status == DC4J_OK && a.values == b.values &&
         a.transform.values == b.transform.values && a.mean.values == b.mean.values;
}

/** Rows in pairs about an integer mean, integers that bf16 holds and whose sums fp32 holds: both
 * precisions are exact, so nothing that packing leaves out or takes twice can hide. */
static void exactInEither(const TestContext& test) {
  const int64_t sizes[][2] = {{2, 1},    {3, 2},    {4, 11},   {5, 12},   {255, 13},  {256, 31},
                              {257, 32}, {700, 33}, {511, 95}, {513, 97}, {1026, 60}, {9001, 25}};
  for (const auto& size : sizes) {
    const int64_t n = size[0], d = size[1];
    TestMatrix x(n, d, d + 1);
    fillIntegers(x, uint64_t(n + d), 40);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t t = 0; t < d; t++) {
        const float centre = float(1000 + t);
        float& v = x.row(i)[t];
        if (i % 2 == 1) {
          v = 2 * centre - x.row(i - 1)[t];
        } else {
          v = i == n - 1 ? centre : centre + v;
        }
      }
    }
    Result plain(d, d), fast(d, d);
    fit(test, x, n, plain);
    fit(test, x, n, fast, 0, DC4J_PRECISION_FAST);
    CHECK(plain.status == DC4J_OK, << dc4j_last_error());
    CHECK(sameBits(plain, fast), << n << "x" << d);
  }
}

/** sine of the largest principal angle between the row spaces, unit rows of b against those of a.
 */
static double sineBetween(Result& a, Result& b) {
  const int64_t m = a.transform.view.rows, d = a.transform.view.cols;
  const auto unit = [&](Result& r) {
    std::vector<double> u(size_t(m * d));
    for (int64_t p = 0; p < m; p++) {
      const double root = std::sqrt(r.values[p]);
      for (int64_t t = 0; t < d; t++) u[p * d + t] = r.transform.row(p)[t] * root;
    }
    return u;
  };
  const std::vector<double> u = unit(a);
  std::vector<double> rest = unit(b), v(size_t(m), 1), w(static_cast<size_t>(d));
  for (int64_t p = 0; p < m; p++) {
    for (int64_t q = 0; q < m; q++) {
      double dot = 0;
      for (int64_t t = 0; t < d; t++) dot += u[q * d + t] * rest[p * d + t];
      for (int64_t t = 0; t < d; t++) rest[p * d + t] -= dot * u[q * d + t];
    }
  }
  double norm = 0;  // power iteration for the largest singular value of what is left
  for (int step = 0; step < 200; step++) {
    double length = 0;
    for (double e : v) length += e * e;
    std::fill(w.begin(), w.end(), 0.0);
    for (int64_t p = 0; p < m; p++) {
      for (int64_t t = 0; t < d; t++) w[t] += v[p] / std::sqrt(length) * rest[p * d + t];
    }
    norm = 0;
    for (double e : w) norm += e * e;
    for (int64_t p = 0; p < m; p++) {
      v[p] = 0;
      for (int64_t t = 0; t < d; t++) v[p] += rest[p * d + t] * w[t];
    }
    if (norm == 0) break;
  }
  return std::sqrt(norm);
}

/** bf16 products: a spectrum that falls like 1 / i, means of 0 and 30 deviations. */
static void fast(const TestContext& test) {
  static std::map<std::string, std::unique_ptr<Result>> earlier;
  static const TestContext reference = openContext("reference", "", 1);
  for (float mean : {0.0f, 30.0f}) {
    TestMatrix x(6000, 96);
    fillGaussian(x, 5);
    for (int64_t i = 0; i < 6000; i++) {
      for (int64_t t = 0; t < 96; t++) x.row(i)[t] = x.row(i)[t] / std::sqrt(float(t + 1)) + mean;
    }
    static std::map<float, std::unique_ptr<Result>> judges;
    std::unique_ptr<Result>& judge = judges[mean];
    if (judge == nullptr) {
      judge.reset(new Result(96, 24));
      fit(reference, x, 6000, *judge);
    }
    Result got(96, 24), plain(96, 24);
    fit(test, x, 2500, got, 0, DC4J_PRECISION_FAST);
    fit(test, x, 2500, plain);
    CHECK(got.status == DC4J_OK, << dc4j_last_error());
    CHECK(sineBetween(*judge, plain) < 1e-4, << sineBetween(*judge, plain));
    CHECK(sineBetween(*judge, got) < 5e-3, << sineBetween(*judge, got));
    for (int p = 0; p < 24; p++) {
      CHECK(std::fabs(got.values[p] / judge->values[p] - 1) < 5e-4, << p);
    }
    const bool coarse = std::string(dc4j_context_fast_products(test.context)) == "bf16";
    CHECK(sameBits(got, plain) == !coarse, << "fast is fp32 exactly where there is no bf16");
    const std::string key = test.name.substr(0, test.name.rfind('/')) + std::to_string(mean);
    std::unique_ptr<Result>& same = earlier[key];
    if (same == nullptr) {
      same.reset(new Result(96, 24));
      fit(test, x, 2500, *same, 0, DC4J_PRECISION_FAST);
    }
    CHECK(sameBits(got, *same), << "other bits with other threads");
  }
}

static void refusals(const TestContext& test) {
  dc4j_pca* pca = nullptr;
  CHECK(dc4j_pca_begin(test.context, 0, 0, &pca) == DC4J_INVALID_ARGUMENT && pca == nullptr);
  CHECK(dc4j_pca_begin(nullptr, 3, 0, &pca) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_begin(test.context, 3, 0, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_begin(test.context, INT64_MAX, 0, &pca) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_begin(test.context, 3, 2, &pca) == DC4J_INVALID_ARGUMENT && pca == nullptr);
  CHECK(errorHas("precision"), << dc4j_last_error());
  CHECK(dc4j_pca_begin(test.context, 3, 0, &pca) == DC4J_OK);
  TestMatrix x(4, 3), narrow(4, 2), mean(1, 3), t(2, 3), none(0, 3);
  double values[2];
  int64_t rank = 0;
  const auto finish = [&](int64_t components, double floor) {
    return dc4j_pca_finish(pca, components, floor, &mean.view, &t.view, values, &rank);
  };
  CHECK(dc4j_pca_add(pca, &narrow.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_add(pca, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_add(nullptr, &x.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_add(pca, &none.view) == DC4J_OK);
  CHECK(finish(2, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("2 rows"), << dc4j_last_error());
  for (float& v : x.values) v = 0.1f;
  CHECK(dc4j_pca_add(pca, &x.view) == DC4J_OK);
  CHECK(finish(2, 0) == DC4J_NUMERIC, << "all rows equal");
  x.row(2)[1] = NAN;
  CHECK(dc4j_pca_add(pca, &x.view) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 2"), << dc4j_last_error());
  fillGaussian(x, 1);
  CHECK(dc4j_pca_add(pca, &x.view) == DC4J_OK);
  CHECK(finish(2, 0) == DC4J_OK && rank == 2, << "a refused block leaves the PCA usable");
  CHECK(finish(0, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(finish(4, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(finish(1, 0) == DC4J_INVALID_ARGUMENT);  // transform has 2 rows
  CHECK(finish(2, -1) == DC4J_INVALID_ARGUMENT);
  CHECK(finish(2, NAN) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_pca_finish(pca, 2, 0, &mean.view, &t.view, nullptr, &rank) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix inside = {t.row(1), 1, 3, 3, DC4J_HOST};
  CHECK(dc4j_pca_finish(pca, 2, 0, &inside, &t.view, values, &rank) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("mean and transform overlap"), << dc4j_last_error());
  CHECK(dc4j_pca_finish(nullptr, 2, 0, &mean.view, &t.view, values, &rank) ==
        DC4J_INVALID_ARGUMENT);
  dc4j_pca_close(pca);
  dc4j_pca_close(nullptr);
  TestMatrix out(4, 2), wrong(4, 3);
  const auto apply = [&](TestMatrix& to) {
    return dc4j_whiten_apply(test.context, &x.view, &mean.view, &t.view, 1, &to.view);
  };
  CHECK(apply(out) == DC4J_OK);
  CHECK(apply(wrong) == DC4J_INVALID_ARGUMENT);
  x.row(3)[0] = INFINITY;
  CHECK(apply(out) == DC4J_NOT_FINITE && errorHas("x holds") && errorHas("row 3"));
  t.row(1)[0] = NAN;
  CHECK(apply(out) == DC4J_NOT_FINITE && errorHas("transform"));
  mean.row(0)[0] = NAN;
  CHECK(apply(out) == DC4J_NOT_FINITE && errorHas("mean"));
}

int main() {
  onEveryBackend([](const TestContext& test) {
    fits(test);
    largeMean(test);
    rank(test);
    whitened(test);
    exactInEither(test);
    fast(test);
    refusals(test);
  });
  return finish();
}
