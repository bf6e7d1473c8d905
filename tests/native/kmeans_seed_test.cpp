// kmeans_seed: distinct rows, uniformity and the k-means++ distribution against exact
// probabilities, equal choices on every backend, degenerate data, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <map>
#include <set>

#include "plain.h"

static std::vector<int64_t> seedRows(const TestContext& test, TestMatrix& x, int64_t k, int method,
                                     uint64_t seed) {
  TestMatrix c(k, x.view.cols, x.view.cols + 1);
  std::vector<int64_t> rows(static_cast<size_t>(k), -1);
  CHECK(dc4j_kmeans_seed(test.context, &x.view, method, seed, &c.view, rows.data()) == DC4J_OK,
        << dc4j_last_error());
  for (int64_t j = 0; j < k; j++) {
    CHECK(rows[j] >= 0 && rows[j] < x.view.rows);
    CHECK(std::equal(x.row(rows[j]), x.row(rows[j]) + x.view.cols, c.row(j)));
  }
  return rows;
}

static void sameEverywhere(const TestContext& test) {
  static std::map<std::string, std::vector<int64_t>> first;
  for (int64_t n : {1, 5, 240, 2100}) {
    for (int64_t d : {1, 3, 33, 64}) {
      TestMatrix x(n, d, d + 1);
      fillGaussian(x, uint64_t(n + d));
      for (int64_t i = 0; i < n; i++) x.row(i)[0] += float(i % 9) * 30;  // clusters
      for (int64_t k : {1, 5, 60}) {
        for (int method : {0, 1}) {
          if (k > n || (n > 1000 && d > 3 && k > 5)) continue;
          const auto rows = seedRows(test, x, k, method, 77);
          CHECK(std::set<int64_t>(rows.begin(), rows.end()).size() == size_t(k), << n << " " << k);
          const std::string key = std::to_string(n) + " " + std::to_string(d) + " " +
                                  std::to_string(k) + " " + std::to_string(method);
          if (first.count(key) == 0) first[key] = rows;
          CHECK(first[key] == rows, << key);
        }
      }
    }
  }
}

/** P(rows chosen, in order) against 20000 draws, each within 5 standard deviations. */
static void distribution(const TestContext& test) {
  if (!test.is_reference) return;  // the others choose the same rows
  TestMatrix x(5, 1);
  const float at[] = {0, 1, 3, 3.5f, 9};
  std::copy(at, at + 5, x.values.begin());
  const int draws = 20000;
  for (int method : {0, 1}) {
    std::map<std::vector<int64_t>, int> seen;
    for (int s = 0; s < draws; s++) seen[seedRows(test, x, 3, method, uint64_t(s))]++;
    for (int64_t a = 0; a < 5; a++) {
      for (int64_t b = 0; b < 5; b++) {
        for (int64_t c = 0; c < 5; c++) {
          if (a == b || b == c || a == c) continue;
          double p = 1 / 60.0;
          if (method == 1) {
            const auto weight = [&](int64_t i, bool two) {
              const double da = double(at[i] - at[a]) * (at[i] - at[a]);
              return two ? std::min(da, double(at[i] - at[b]) * (at[i] - at[b])) : da;
            };
            double one = 0, two = 0;
            for (int64_t i = 0; i < 5; i++) {
              one += weight(i, false);
              two += weight(i, true);
            }
            p = 0.2 * weight(b, false) / one * weight(c, true) / two;
          }
          const double deviation = std::sqrt(draws * p * (1 - p));
          const int count = seen[{a, b, c}];
          CHECK(std::fabs(count - draws * p) <= 5 * deviation + 1,
                << method << ": " << a << b << c << " " << count << " of " << draws * p);
        }
      }
    }
  }
}

static void degenerate(const TestContext& test) {
  TestMatrix same(7, 4);
  for (float& v : same.values) v = 2.5f;
  const auto rows = seedRows(test, same, 7, 1, 3);
  std::vector<int64_t> rest;
  for (int64_t i = 0; i < 7; i++) {
    if (i != rows[0]) rest.push_back(i);
  }
  CHECK(std::equal(rest.begin(), rest.end(), rows.begin() + 1));
  same.row(4)[1] = 8;
  const auto two = seedRows(test, same, 2, 1, 3);
  CHECK((two[0] == 4) != (two[1] == 4));
  for (float scale : {3e38f, 1e-44f}) {
    TestMatrix x(20, 3);
    fillIntegers(x, 2, 1);
    for (float& v : x.values) v *= scale;
    seedRows(test, x, 5, 1, 1);
  }
  TestMatrix empty(3, 0);
  CHECK(seedRows(test, empty, 3, 1, 9).size() == 3);
  TestMatrix x(4, 2), c(2, 2);
  CHECK(dc4j_kmeans_seed(test.context, &x.view, 0, 1, &c.view, nullptr) == DC4J_OK);
}

static void refusals(const TestContext& test) {
  TestMatrix x(4, 2), c(2, 2), many(5, 2), none(0, 2), wide(2, 3);
  const auto call = [&](dc4j_matrix* to, int32_t method) {
    return dc4j_kmeans_seed(test.context, &x.view, method, 1, to, nullptr);
  };
  CHECK(call(&many.view, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("4"), << dc4j_last_error());
  CHECK(call(&none.view, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&wide.view, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&c.view, 2) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&c.view, -1) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix inside = x.view;
  inside.rows = 2;
  CHECK(call(&inside, 0) == DC4J_INVALID_ARGUMENT);
  x.row(3)[1] = INFINITY;
  CHECK(call(&c.view, 1) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 3"), << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    sameEverywhere(test);
    distribution(test);
    degenerate(test);
    refusals(test);
  });
  return finish();
}
