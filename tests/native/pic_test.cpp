// pic: scipy's clusters, a plain computation on random tables with duplicates, gaps and the row
// itself, the same labels everywhere, refusals.
#include <map>

#include "graph_fixture.h"

struct GoldenPic {
  int64_t n, k;
  dc4j_pic_options options;
  std::vector<int64_t> ids;
  std::vector<float> squared;
  std::vector<int32_t> labels;
};
#include "golden/pic_golden.inc"

static const dc4j_pic_options kPublished = {0.2, 0.001, 200};

/** The definition over an n x n table. */
static std::vector<int32_t> plain(const std::vector<int64_t>& ids,
                                  const std::vector<float>& squared, int64_t n, int64_t k,
                                  const dc4j_pic_options& options) {
  const size_t rows = size_t(n);
  std::vector<std::vector<double>> g(rows, std::vector<double>(rows));
  for (int64_t i = 0; i < n; i++) {
    for (int64_t p = 0; p < k; p++) {
      const int64_t j = ids[i * k + p];
      if (j < 0 || j == i) continue;
      const double w = std::exp(-double(squared[i * k + p]) / (options.sigma * options.sigma));
      g[i][j] += w;
      g[j][i] += w;
    }
  }
  std::vector<double> v(rows, 1 / double(n)), u = v;
  for (int64_t step = 0; step < options.iterations; step++) {
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += 1024) {
      std::vector<double> lane(32);
      for (int64_t i = begin; i < std::min(n, begin + 1024); i++) {
        double sum = 0;
        for (int64_t j = 0; j < n; j++) sum += g[i][j] * v[j];
        u[i] = options.alpha * sum + (1 - options.alpha) / double(n);
        lane[size_t(i - begin) % 32] += u[i];
      }
      for (size_t s = 16; s > 0; s /= 2) {
        for (size_t l = 0; l < s; l++) lane[l] += lane[l + s];
      }
      total += lane[0];
    }
    for (int64_t i = 0; i < n; i++) v[i] = u[i] / total;
  }
  std::vector<int64_t> peaks, sizes(rows);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t at = i, next = i;; at = next) {
      double largest = 0;
      for (int64_t j = 0; j < n; j++) {
        if (g[at][j] * (v[j] - v[at]) > largest) {
          largest = g[at][j] * (v[j] - v[at]);
          next = j;
        }
      }
      if (next == at) {
        peaks.push_back(at);
        break;
      }
    }
    sizes[size_t(peaks.back())]++;
  }
  std::vector<int32_t> labels;
  std::map<int64_t, int32_t> numbers;
  for (int64_t i = 0; i < n; i++) {
    int64_t peak = peaks[i];
    for (int64_t p = 0; p < k && sizes[peaks[i]] == 1 && peak == peaks[i]; p++) {
      const int64_t j = ids[i * k + p];
      if (j >= 0 && sizes[peaks[j]] > 1) peak = peaks[j];
    }
    labels.push_back(numbers.insert({peak, int32_t(numbers.size())}).first->second);
  }
  return labels;
}

static void compare(const TestContext& test, const std::vector<int64_t>& ids,
                    std::vector<float> squared, int64_t n, int64_t k,
                    const dc4j_pic_options& options, const std::vector<int32_t>& expected,
                    const std::string& what) {
  const dc4j_matrix view = {squared.data(), n, k, k, DC4J_HOST};
  std::vector<int32_t> labels(size_t(n) + 1, -9);
  int64_t clusters = -1;
  CHECK(dc4j_pic(test.context, ids.data(), &view, &options, labels.data(), &clusters) == DC4J_OK,
        << what << dc4j_last_error());
  CHECK(labels.back() == -9, << what);
  labels.pop_back();
  CHECK(labels == expected, << what << " n " << n << " k " << k);
  CHECK(clusters == (n == 0 ? 0 : *std::max_element(expected.begin(), expected.end()) + 1),
        << what << " " << clusters);
}

static void golden(const TestContext& test) {
  for (const GoldenPic& g : kGoldenPic) {
    compare(test, g.ids, g.squared, g.n, g.k, g.options, g.labels, "golden");
  }
}

static void tables(const TestContext& test) {
  for (int64_t n : {1, 2, 7, 40, 120}) {
    for (int64_t k : {1, 2, 5, 9}) {
      for (bool exclude : {true, false}) {
        TestMatrix x(n, 3);
        fillClustered(x, uint64_t(n), 5, 0.3f);
        for (int64_t i = 0; i < n; i += 4) std::copy_n(x.row(0), 3, x.row(i));
        std::vector<float> squared;
        const std::vector<int64_t> ids = nearestIds(test, x, k, exclude, &squared);
        for (const dc4j_pic_options& options :
             {kPublished, dc4j_pic_options{0.5, 0.9, 40}, dc4j_pic_options{1, 0, 3},
              dc4j_pic_options{1e-3, 0.5, 20}, dc4j_pic_options{2, 0.5, 0}}) {
          compare(test, ids, squared, n, k, options, plain(ids, squared, n, k, options), "tables");
        }
      }
    }
  }
  compare(test, {}, {}, 0, 5, kPublished, {}, "empty");
  // Two rings of equal distances: all ties. And rows nobody is near to.
  std::vector<int64_t> ids;
  std::vector<float> squared;
  for (int64_t i = 0; i < 60; i++) {
    const bool alone = i % 10 == 9;
    for (int64_t step : {2, 58}) ids.push_back(alone ? -1 : (i + step) % 60);
    squared.insert(squared.end(), 2, alone ? INFINITY : 0.01f);
  }
  compare(test, ids, squared, 60, 2, kPublished, plain(ids, squared, 60, 2, kPublished), "rings");
}

/** Rows of very different length: everybody's neighbour is row 1200, whose list then names all. */
static void star(const TestContext& test) {
  const int64_t n = 1500;
  static const std::vector<float> squared = [] {
    TestMatrix distances(1500, 1);
    fillGaussian(distances, 9);
    for (float& d : distances.values) d *= d;
    return distances.values;
  }();
  const std::vector<int64_t> ids(size_t(n), 1200);
  static const std::vector<int32_t> expected = plain(ids, squared, n, 1, {0.7, 0.3, 3});
  compare(test, ids, squared, n, 1, {0.7, 0.3, 3}, expected, "star");
}

/** More rows than one block of sums. */
static void blocks(const TestContext& test) {
  const int64_t n = 2600, k = 5;
  static TestMatrix x(n, 4);
  static std::vector<float> squared;
  static std::vector<int64_t> ids;
  static std::vector<int32_t> expected;
  if (ids.empty()) {
    fillClustered(x, 77, 60, 0.2f);
    ids = nearestIds(test, x, k, true, &squared);
    expected = plain(ids, squared, n, k, {0.2, 0.001, 5});
    CHECK(*std::max_element(expected.begin(), expected.end()) > 20, << "too easy");
  }
  compare(test, ids, squared, n, k, {0.2, 0.001, 5}, expected, "blocks");
}

static void refusals(const TestContext& test) {
  std::vector<int64_t> ids = {1, 2, 0, 2, 0, 1};
  std::vector<float> squared(6, 0.1f);
  dc4j_matrix view = {squared.data(), 3, 2, 2, DC4J_HOST};
  int32_t labels[3];
  const auto call = [&](const dc4j_pic_options& options) {
    return dc4j_pic(test.context, ids.data(), &view, &options, labels, nullptr);
  };
  const auto refused = [&](dc4j_status status, const char* part) {
    CHECK(status == DC4J_INVALID_ARGUMENT && errorHas(part), << part << ": " << dc4j_last_error());
  };
  CHECK(call(kPublished) == DC4J_OK);
  for (double sigma : {0.0, 1e-200, 1e200, double(NAN), double(INFINITY)}) {
    refused(call({sigma, 0.001, 200}), "sigma");
  }
  for (double alpha : {-0.1, 1.0, double(NAN)}) refused(call({0.2, alpha, 200}), "alpha");
  for (int64_t steps : {int64_t(-1), int64_t(1000001), INT64_MAX}) {
    refused(call({0.2, 0.001, steps}), "iterations");
  }
  refused(dc4j_pic(test.context, nullptr, &view, &kPublished, labels, nullptr), "ids");
  refused(dc4j_pic(test.context, ids.data(), nullptr, &kPublished, labels, nullptr), "distances");
  refused(dc4j_pic(test.context, ids.data(), &view, nullptr, labels, nullptr), "options");
  refused(dc4j_pic(test.context, ids.data(), &view, &kPublished, nullptr, nullptr), "labels");
  refused(dc4j_pic(nullptr, ids.data(), &view, &kPublished, labels, nullptr), "context");
  ids[5] = 3;
  refused(call(kPublished), "row 2 hold 3");
  ids[5] = 0;
  refused(call(kPublished), "twice");
  ids[5] = 2;
  squared[5] = -1;
  CHECK(call(kPublished) == DC4J_OK);  // to itself: counts for nothing
  squared[3] = -1;
  refused(call(kPublished), "row 1 hold -1");
  squared[3] = NAN;
  CHECK(call(kPublished) == DC4J_NOT_FINITE && errorHas("row 1"), << dc4j_last_error());
  squared[3] = INFINITY;
  CHECK(call(kPublished) == DC4J_OK);
  view.cols = 0;
  refused(call(kPublished), "columns of distances");
}

int main() {
  onEveryBackend([](const TestContext& test) {
    golden(test);
    tables(test);
    star(test);
    blocks(test);
    refusals(test);
  });
  return finish();
}
