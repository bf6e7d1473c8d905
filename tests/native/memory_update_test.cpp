// memory_update: the bits of sample after sample in batch order, on every backend and thread count;
// hardest samples, ties, zero mixes, skipped rows, refusals.
#include <dc4j/losses.h>

#include <algorithm>

#include "plain.h"

static double dot(const float* a, const float* b, int64_t d) {
  return plainLanes(d, [&](int64_t t, double s) { return s + double(a[t]) * b[t]; });
}

/** One sample into one row, as the header says. */
static void mixIn(const float* x, float keep, int64_t d, float* c) {
  const float take = 1 - keep;
  std::vector<float> v(static_cast<size_t>(d));
  // Products in doubles are exact, so that rounding them once is what fp32 does.
  for (int64_t t = 0; t < d; t++) {
    v[t] = float(double(float(double(keep) * c[t])) + double(float(double(take) * x[t])));
  }
  const double length = std::sqrt(dot(v.data(), v.data(), d));
  if (!(length > 0)) return;
  for (int64_t t = 0; t < d; t++) c[t] = float(v[t] * (1 / length));
}

static std::vector<float> expect(TestMatrix& c, TestMatrix& x, const std::vector<int32_t>& labels,
                                 int32_t mode, float keep) {
  const int64_t n = x.view.rows, d = x.view.cols;
  std::vector<float> result = c.values;
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] < 0) continue;
    bool used = true;
    for (int64_t o = 0; o < n && mode == DC4J_MEMORY_CM_HARD; o++) {
      if (o == i || labels[o] != labels[i]) continue;
      const double other = dot(x.row(o), c.row(labels[i]), d);
      const double own = dot(x.row(i), c.row(labels[i]), d);
      if (other < own || (other == own && o < i)) used = false;
    }
    if (used) mixIn(x.row(i), keep, d, result.data() + labels[i] * c.view.stride);
  }
  return result;
}

static void compare(const TestContext& test, TestMatrix& c, TestMatrix& x,
                    const std::vector<int32_t>& labels, double weight, const std::string& what) {
  for (int32_t mode : {DC4J_MEMORY_CM, DC4J_MEMORY_CM_HARD}) {
    const std::vector<float> start = c.values, want = expect(c, x, labels, mode, float(weight));
    CHECK(
        dc4j_memory_update(test.context, &c.view, &x.view, labels.data(), mode, weight) == DC4J_OK,
        << what << dc4j_last_error());
    for (size_t e = 0; e < want.size(); e++) {
      CHECK(sameBits(c.values[e], want[e]),
            << what << " mode " << mode << " " << e << ": " << c.values[e] << " " << want[e]);
    }
    c.values = start;
    c.view.data = c.values.data();
  }
}

static void values(const TestContext& test) {
  for (int64_t d : {0, 1, 2, 15, 31, 32, 33, 70, 257}) {
    for (int64_t n : {0, 1, 5, 64, 130}) {
      for (int64_t k : {1, 3, 40}) {
        TestMatrix c(k, d, d + 2), x(n, d, d + 1);
        fillGaussian(c, uint64_t(k + d));
        fillGaussian(x, uint64_t(n + d + 1));
        std::vector<int32_t> labels;
        for (int64_t i = 0; i < n; i++) labels.push_back(i % 7 == 3 ? -1 : int32_t(i * 5 % k));
        for (double weight : {0.0, 0.1, 0.5, 0.999, 1.0}) {
          compare(test, c, x, labels, weight, "gaussian");
        }
      }
    }
  }
  for (float scale : {1e-44f, 1e-20f, 1e18f, 3e38f}) {
    TestMatrix c(3, 9), x(20, 9);
    fillIntegers(c, 1, 1);  // many ties
    fillIntegers(x, 2, 1);
    for (float& v : x.values) v *= scale;
    std::vector<int32_t> labels;
    for (int i = 0; i < 20; i++) labels.push_back(i % 3);
    compare(test, c, x, labels, 0.3, "scale " + std::to_string(std::log10(scale)));
  }
}

/** Labels of one, two and three bytes, in no order, some of them twice. */
static void largeLabels(const TestContext& test) {
  TestMatrix c(70000, 3), x(120, 3);
  fillGaussian(c, 1);
  fillGaussian(x, 2);
  std::vector<int32_t> labels;
  for (int32_t i = 0; i < 120; i++) labels.push_back(i % 2 ? i * 40009 % 70000 : i % 5 * 16384);
  compare(test, c, x, labels, 0.2, "large labels");
}

/** Known answers: which way the weight points, the hardest sample, opposite rows. */
static void corners(const TestContext& test) {
  TestMatrix c(2, 2), x(3, 2);
  const std::vector<int32_t> labels = {1, 1, 1};
  const auto run = [&](int32_t mode, double weight) {
    c.values = {7, 8, 1, 0};
    x.values = {0.6f, 0.8f, 0, -1, 0.8f, 0.6f};
    c.view.data = c.values.data();
    x.view.data = x.values.data();
    CHECK(dc4j_memory_update(test.context, &c.view, &x.view, labels.data(), mode, weight) ==
          DC4J_OK);
    CHECK(c.row(0)[0] == 7 && c.row(0)[1] == 8);
  };
  const auto near = [&](double a, double b) {
    CHECK(std::fabs(c.row(1)[0] - a) < 1e-7 && std::fabs(c.row(1)[1] - b) < 1e-7,
          << c.row(1)[0] << " " << c.row(1)[1]);
  };
  run(DC4J_MEMORY_CM, 0);  // nothing of the old: the last sample
  near(0.8, 0.6);
  run(DC4J_MEMORY_CM_HARD, 0);  // the hardest one
  near(0, -1);
  run(DC4J_MEMORY_CM, 1);  // all of the old
  near(1, 0);
  run(DC4J_MEMORY_CM_HARD, 0.9);
  near(0.9 / std::hypot(0.9, 0.1), -0.1 / std::hypot(0.9, 0.1));
  c.values = {7, 8, 1, 0};
  x.values = {-1, 0, -1, 0, -1, 0};
  CHECK(dc4j_memory_update(test.context, &c.view, &x.view, labels.data(), DC4J_MEMORY_CM, 0.5) ==
        DC4J_OK);
  CHECK(c.row(1)[0] == 1 && c.row(1)[1] == 0);
}

static void refusals(const TestContext& test) {
  TestMatrix c(5, 3), x(4, 3), wide(4, 4);
  fillGaussian(c, 1);
  fillGaussian(x, 2);
  std::vector<int32_t> labels = {0, 4, -1, 4};
  const auto call = [&](const dc4j_matrix* rows, int32_t mode = 0, double weight = 0.1) {
    return dc4j_memory_update(test.context, &c.view, rows, labels.data(), mode, weight);
  };
  CHECK(call(&x.view) == DC4J_OK);
  CHECK(call(&wide.view) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix inside = {c.row(1), 4, 3, 3, DC4J_HOST};
  CHECK(call(&inside) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("overlap"), << dc4j_last_error());
  for (int32_t bad : {-1, 2}) {
    CHECK(call(&x.view, bad) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("mode"), << dc4j_last_error());
  }
  for (double bad : {-0.1, 1.1, double(NAN)}) {
    CHECK(call(&x.view, 0, bad) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("old_weight"), << dc4j_last_error());
  }
  for (int32_t bad : {-2, 5}) {
    labels[1] = bad;
    CHECK(call(&x.view) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("labels[1]"), << dc4j_last_error());
  }
  labels[1] = 4;
  CHECK(dc4j_memory_update(test.context, &c.view, &x.view, nullptr, 0, 0.1) ==
        DC4J_INVALID_ARGUMENT);
  for (float bad : {float(NAN), float(INFINITY)}) {
    c.row(4)[2] = bad;
    CHECK(call(&x.view) == DC4J_NOT_FINITE);
    CHECK(errorHas("memory") && errorHas("row 4"), << dc4j_last_error());
    x.row(2)[0] = bad;  // a skipped row
    CHECK(call(&x.view, 1) == DC4J_NOT_FINITE);
    CHECK(errorHas("x holds") && errorHas("row 2"), << dc4j_last_error());
    c.row(4)[2] = x.row(2)[0] = 0;
  }
  c.row(2)[0] = float(NAN);  // no label names it
  CHECK(call(&x.view) == DC4J_OK, << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    largeLabels(test);
    corners(test);
    refusals(test);
  });
  return finish();
}
