// kmeans_seed: distinct rows, uniformity and the k-means++ distribution against exact
// probabilities, equal choices on every backend, degenerate data, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <functional>
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

/** The reference comes first; all others choose the rows it did. */
static void sameAsFirst(const TestContext& test, TestMatrix& x, int64_t k, int method,
                        const std::string& key) {
  static std::map<std::string, std::vector<int64_t>> first;
  const auto rows = seedRows(test, x, k, method, 77);
  CHECK(std::set<int64_t>(rows.begin(), rows.end()).size() == size_t(k), << key);
  if (first.count(key) == 0) first[key] = rows;
  CHECK(first[key] == rows, << key);
}

static void sameEverywhere(const TestContext& test) {
  for (int64_t n : {1, 5, 240, 2100}) {
    for (int64_t d : {1, 3, 33, 64}) {
      TestMatrix x(n, d, d + 1);
      fillGaussian(x, uint64_t(n + d));
      for (int64_t i = 0; i < n; i++) x.row(i)[0] += float(i % 9) * 30;  // clusters
      for (int64_t k : {1, 5, 60, 240, 500}) {
        for (int method : {0, 1}) {
          if (k > n) continue;
          sameAsFirst(test, x, k, method,
                      std::to_string(n) + " " + std::to_string(d) + " " + std::to_string(k) + " " +
                          std::to_string(method));
        }
      }
    }
  }
}

/** Batches whose search meets ties, copies, norms beyond its tiles, underflow, near-equal rows. */
static void awkward(const TestContext& test) {
  const int64_t n = 700, d = 19;
  for (int kind = 0; kind < 7; kind++) {
    TestMatrix x(n, d, d + 2);
    fillGaussian(x, 5);
    if (kind == 0) fillIntegers(x, 3, 1);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t t = 0; t < d; t++) {
        float& v = x.row(i)[t];
        if (kind == 1 && i % 3 > 0) v = x.row(i % 40)[t];                  // copies
        if (kind == 2 && i % 5 == 0) v *= 1e19f;                           // outside the tiles
        if (kind == 3) v *= std::ldexp(1.0f, int(i % 200) - 100);          // every magnitude
        if (kind == 4) v *= 1e-42f;                                        // subnormal
        if (kind == 5) v = 1000 + std::ldexp(std::rint(v * 2), -13);       // near-equal, far from 0
        if (kind == 6) v = i % 2 > 0 ? v * 1e-3f : (t == i % d ? 50 : 0);  // zeros and spikes
      }
    }
    for (int64_t k : {40, 110, 300}) {
      sameAsFirst(test, x, k, 1, "kind " + std::to_string(kind) + " k " + std::to_string(k));
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

/** Chi-squared of ordered choices of 4 of 6 points against the product of the exact conditional
 * probabilities; cells of expectation below 5 are pooled. */
static void chiSquared(const TestContext& test) {
  if (!test.is_reference) return;  // the others choose the same rows
  TestMatrix x(6, 2);
  const float at[] = {0, 0, 1, 0, 1, 2, 4, 1, 4.5f, 1, 0, 6};
  std::copy(at, at + 12, x.values.begin());
  const int draws = 40000;
  std::map<std::vector<int64_t>, double> expected, seen;
  const std::function<void(std::vector<int64_t>, double)> enumerate =
      [&](std::vector<int64_t> chosen, double p) {
        if (chosen.size() == 4) {
          expected[chosen] = p * draws;
          return;
        }
        double weight[6], total = 0;
        for (int64_t i = 0; i < 6; i++) {
          weight[i] = chosen.empty() ? 1 : INFINITY;
          for (int64_t c : chosen)
            weight[i] = std::min(weight[i], plainDistance(x.row(i), x.row(c), 2));
          total += weight[i];
        }
        for (int64_t i = 0; i < 6; i++) {
          if (!(weight[i] > 0)) continue;
          std::vector<int64_t> longer = chosen;
          longer.push_back(i);
          enumerate(longer, p * weight[i] / total);
        }
      };
  enumerate({}, 1);
  for (int s = 0; s < draws; s++) seen[seedRows(test, x, 4, 1, uint64_t(s))]++;
  double statistic = 0, cells = -1, rare = 0, rare_seen = 0, all_seen = 0;
  for (const auto& [rows, count] : expected) {
    all_seen += seen[rows];
    if (count < 5) {
      rare += count;
      rare_seen += seen[rows];
      continue;
    }
    cells++;
    statistic += (seen[rows] - count) * (seen[rows] - count) / count;
  }
  if (rare >= 5) {
    cells++;
    statistic += (rare_seen - rare) * (rare_seen - rare) / rare;
  }
  CHECK(all_seen == draws);
  CHECK(cells > 150, << cells);
  // Mean and deviation of chi-squared; one set of seeds in 10^3 at most lies beyond.
  CHECK(statistic < cells + 3.5 * std::sqrt(2 * cells), << statistic << " of " << cells);
}

/** k-means++ one draw at a time; returns the objective. */
static double sequential(TestMatrix& x, int64_t k, uint64_t seed) {
  const int64_t n = x.view.rows;
  std::mt19937_64 engine(seed);
  std::vector<double> weight(size_t(n), INFINITY);
  int64_t row = int64_t(engine() % uint64_t(n));
  double total = 0;
  for (int64_t c = 0; c < k; c++) {
    total = 0;
    for (int64_t i = 0; i < n; i++) {
      weight[i] = std::min(weight[i], plainDistance(x.row(i), x.row(row), x.view.cols));
      total += weight[i];
    }
    double left = double(engine() >> 11) * 0x1p-53 * total;
    for (row = 0; row < n - 1 && (left -= weight[row]) >= 0;) row++;
  }
  return total;
}

/** The mean objective of 20 seeds is that of sequential k-means++ within 1 %. */
static void objective(const TestContext& test) {
  if (!test.is_reference) return;  // the others choose the same rows
  for (int64_t d : {2, 9}) {
    TestMatrix x(2000, d);
    fillGaussian(x, 11);
    for (int64_t i = 0; i < x.view.rows; i++) x.row(i)[0] += float(i % 40) * 3;
    double mine = 0, theirs = 0;
    const int64_t k = 300;
    for (uint64_t seed = 0; seed < 20; seed++) {
      const auto rows = seedRows(test, x, k, 1, seed);
      for (int64_t i = 0; i < x.view.rows; i++) {
        double least = INFINITY;
        for (int64_t c : rows) least = std::min(least, plainDistance(x.row(i), x.row(c), d));
        mine += least;
      }
      theirs += sequential(x, k, seed);
    }
    CHECK(std::fabs(mine / theirs - 1) < 0.01, << d << ": " << mine << " for " << theirs);
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
    awkward(test);
    distribution(test);
    chiSquared(test);
    objective(test);
    degenerate(test);
    refusals(test);
  });
  return finish();
}
