// kmeans_update: the fixed-point mean as defined, bit for bit on every backend; empty clusters,
// left-out rows, long clusters, scales, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <limits>

#include "plain.h"

/** The definition with 128-bit sums. */
static void expect(TestMatrix& x, const std::vector<int32_t>& labels, TestMatrix& c,
                   std::vector<int64_t>& counts) {
  const int64_t n = x.view.rows, d = x.view.cols, k = c.view.rows;
  float largest = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t t = 0; t < d; t++) largest = std::max(largest, std::fabs(x.row(i)[t]));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  const int s = 62 - int(std::ceil(std::log2(double(n + 1)))) - exponent;
  counts.assign(size_t(k), 0);
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= 0) counts[labels[i]]++;
  }
  for (int64_t j = 0; j < k; j++) {
    for (int64_t t = 0; t < d && counts[j] > 0; t++) {
      __int128 sum = 0;
      for (int64_t i = 0; i < n; i++) {
        if (labels[i] == j) sum += std::llrint(std::ldexp(double(x.row(i)[t]), s));
      }
      CHECK(sum == __int128(int64_t(sum)));
      c.row(j)[t] = float(std::ldexp(double(int64_t(sum)), -s) / double(counts[j]));
    }
  }
}

static void compare(const TestContext& test, TestMatrix& x, const std::vector<int32_t>& labels,
                    int64_t k, const std::string& what) {
  TestMatrix expected(k, x.view.cols, x.view.cols + 1), c(k, x.view.cols, x.view.cols + 1);
  fillGaussian(expected, 5);
  c.values = expected.values;
  std::vector<int64_t> expected_counts, counts(size_t(k), -1);
  expect(x, labels, expected, expected_counts);
  CHECK(dc4j_kmeans_update(test.context, &x.view, labels.data(), &c.view, counts.data()) == DC4J_OK,
        << what << dc4j_last_error());
  CHECK(counts == expected_counts, << what);
  for (size_t e = 0; e < c.values.size(); e++) {
    CHECK(sameBits(c.values[e], expected.values[e]),
          << what << " entry " << e << ": " << c.values[e] << ", expected " << expected.values[e]);
  }
}

static std::vector<int32_t> randomLabels(int64_t n, int64_t k, int lowest) {
  std::mt19937_64 engine(3);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; i++) {
    labels.push_back(int32_t(engine() % uint64_t(k - lowest)) + lowest);
  }
  return labels;
}

static void values(const TestContext& test) {
  for (int64_t d : {1, 2, 7, 8, 9, 33, 100}) {
    for (int64_t n : {0, 1, 5, 13, 241}) {
      for (int64_t k : {1, 3, 100}) {
        TestMatrix x(n, d, d + 2);
        fillGaussian(x, uint64_t(n + d), 3);
        compare(test, x, randomLabels(n, k, -1), k, "sizes");
      }
    }
  }
  for (float scale : {0.0f, 1e-45f, 1e-40f, 1e-18f, 1e18f, 8e37f, 0.99f, 1.0f}) {
    TestMatrix x(50, 12);
    fillIntegers(x, 7, 3);
    for (float& v : x.values) v *= scale;
    compare(test, x, randomLabels(50, 4, 0), 4, "scale " + std::to_string(scale));
  }
  TestMatrix largest(9, 3), wide(5, 1100), tall(20000, 2);
  for (float& v : largest.values) v = std::numeric_limits<float>::max();
  compare(test, largest, randomLabels(9, 2, 0), 2, "largest floats");
  fillGaussian(wide, 1);
  compare(test, wide, randomLabels(5, 2, 0), 2, "wide");
  fillGaussian(tall, 1);
  compare(test, tall, randomLabels(20000, 2, 0), 2, "tall");
  // Labels in stretches of several a thread, runs over several clusters, columns in several groups.
  TestMatrix crowd(9000, 3), broad(700, 600, 603);
  fillGaussian(crowd, 2);
  compare(test, crowd, randomLabels(9000, 2100, -1), 2100, "many clusters");
  fillGaussian(broad, 3);
  compare(test, broad, randomLabels(700, 9, -1), 9, "broad");
}

static void refusals(const TestContext& test) {
  TestMatrix x(5, 3), c(4, 3), narrow(4, 2), none(0, 3);
  std::vector<int32_t> labels(5, 3);
  std::vector<int64_t> counts(4);
  const auto call = [&](dc4j_matrix* to, const int32_t* from, int64_t* count) {
    return dc4j_kmeans_update(test.context, &x.view, from, to, count);
  };
  CHECK(call(&c.view, labels.data(), counts.data()) == DC4J_OK);
  CHECK(call(&narrow.view, labels.data(), counts.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&none.view, labels.data(), counts.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, labels.data(), counts.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&c.view, nullptr, counts.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&c.view, labels.data(), nullptr) == DC4J_INVALID_ARGUMENT);
  for (int32_t bad : {4, -2, INT32_MAX, INT32_MIN}) {
    labels[2] = bad;
    CHECK(call(&c.view, labels.data(), counts.data()) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("labels[2]") && errorHas("-1..3"), << dc4j_last_error());
  }
  labels[2] = -1;
  dc4j_matrix part = x.view;
  part.rows = c.view.rows;
  CHECK(call(&part, labels.data(), counts.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("x and centroids overlap"), << dc4j_last_error());
  x.row(2)[1] = NAN;
  CHECK(call(&c.view, labels.data(), counts.data()) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 2"), << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    refusals(test);
  });
  return finish();
}
