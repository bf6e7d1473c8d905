// jaccard: against dense numpy, against a dense computation here, the same bits on every backend,
// tables with and without the row itself, duplicates, few rows, refusals; graphs of given entries.
#include <map>

#include "graph_fixture.h"

struct GoldenJaccard {
  int64_t n, d, k1, k2;
  std::vector<float> points;
  std::vector<int64_t> ids;
  std::vector<double> pairs;  // above the diagonal
};
#include "golden/jaccard_golden.inc"

static PlainGraph jaccard(const TestContext& test, const TestMatrix& x,
                          const std::vector<int64_t>& ids, int64_t k1, int64_t k2,
                          float limit = 1) {
  dc4j_graph* graph = nullptr;
  CHECK(dc4j_jaccard(test.context, &x.view, ids.data(), k1, k2, limit, &graph) == DC4J_OK,
        << dc4j_last_error());
  CHECK(dc4j_graph_rows(graph) == x.view.rows && dc4j_graph_limit(graph) == limit);
  const PlainGraph plain = copyOf(graph);
  dc4j_graph_close(graph);
  return plain;
}

using Dense = std::vector<std::vector<double>>;

static std::vector<std::vector<bool>> mutual(const std::vector<std::vector<int64_t>>& rank,
                                             size_t first) {
  const size_t n = rank.size();
  std::vector<std::vector<bool>> in(n, std::vector<bool>(n)), both = in;
  for (size_t i = 0; i < n; i++) {
    for (size_t p = 0; p < rank[i].size() && p < first; p++) in[i][size_t(rank[i][p])] = true;
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) both[i][j] = in[i][j] && in[j][i];
  }
  return both;
}

static int64_t common(const std::vector<bool>& a, const std::vector<bool>& b) {
  int64_t count = 0;
  for (size_t t = 0; t < a.size(); t++) count += a[t] && b[t];
  return count;
}

/** The definition over n x n tables, fp64 throughout. */
static Dense dense(TestMatrix& x, const std::vector<int64_t>& ids, int64_t k1, int64_t k2) {
  const size_t n = size_t(x.view.rows);
  std::vector<std::vector<int64_t>> rank(n);
  for (size_t i = 0; i < n; i++) {
    rank[i] = {int64_t(i)};
    for (int64_t p = 0; p < k1; p++) {
      const int64_t id = ids[i * size_t(k1) + size_t(p)];
      if (id >= 0 && id != int64_t(i)) rank[i].push_back(id);
    }
    if (int64_t(rank[i].size()) > k1) rank[i].pop_back();
  }
  const int64_t half_k1 = k1 / 2 + (k1 % 4 == 3 ? 1 : 0);  // .5 goes to the even one
  const auto near = mutual(rank, size_t(k1)), half = mutual(rank, size_t(half_k1 + 1));
  Dense weights(n, std::vector<double>(n)), means = weights, result = weights;
  for (size_t i = 0; i < n; i++) {
    std::vector<bool> grown = near[i];
    for (size_t q = 0; q < n; q++) {
      if (!near[i][q]) continue;
      if (common(half[q], near[i]) * 3 <= common(half[q], half[q]) * 2) continue;
      for (size_t t = 0; t < n; t++) grown[t] = grown[t] || half[q][t];
    }
    std::vector<double> dots(n);
    double sum = 0, largest = -INFINITY;
    for (size_t j = 0; j < n; j++) {
      for (int64_t t = 0; t < x.view.cols; t++) {
        dots[j] += double(x.row(int64_t(i))[t]) * x.row(int64_t(j))[t];
      }
      if (grown[j]) largest = std::max(largest, dots[j]);
    }
    for (size_t j = 0; j < n; j++) {
      weights[i][j] = grown[j] ? std::exp(2 * (dots[j] - largest)) : 0;
      sum += weights[i][j];
    }
    for (double& weight : weights[i]) weight /= sum;
  }
  for (size_t i = 0; i < n; i++) {
    const size_t count = std::min(size_t(k2), rank[i].size());
    for (size_t p = 0; p < count; p++) {
      for (size_t t = 0; t < n; t++) means[i][t] += weights[size_t(rank[i][p])][t] / double(count);
    }
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      double m = 0;
      for (size_t t = 0; t < n; t++) m += std::min(means[i][t], means[j][t]);
      result[i][j] = std::max(0.0, 1 - m / (2 - m));
    }
  }
  return result;
}

static void requireShape(const PlainGraph& graph, int64_t n, const std::string& what) {
  CHECK(int64_t(graph.offsets.size()) == n + 1 && graph.offsets[0] == 0, << what);
  for (int64_t i = 0; i < n; i++) {
    CHECK(graph.at(i, i) == 0, << what);
    for (int64_t e = graph.offsets[i]; e < graph.offsets[i + 1]; e++) {
      CHECK(e == graph.offsets[i] || graph.columns[e - 1] < graph.columns[e], << what);
      CHECK(graph.distances[e] >= 0 && graph.distances[e] < 1, << what);
      CHECK(sameBits(graph.at(graph.columns[e], i), graph.distances[e]), << what << " " << i);
    }
  }
}

static void compare(const TestContext& test, TestMatrix& x, const std::vector<int64_t>& ids,
                    int64_t k1, int64_t k2, const std::string& what) {
  // One answer per case, computed once: whoever comes first is held against the plain computation,
  // everybody else against his bits.
  static std::map<std::string, PlainGraph> first;
  const PlainGraph graph = jaccard(test, x, ids, k1, k2);
  const std::string key = what + " " + std::to_string(x.view.rows) + " x " +
                          std::to_string(x.view.cols) + " " + std::to_string(k1) + " " +
                          std::to_string(k2);
  const auto found = first.find(key);
  if (found != first.end()) {
    CHECK(graph == found->second, << key << ": other bits than the first backend");
    return;
  }
  requireShape(graph, x.view.rows, key);
  const Dense expected = dense(x, ids, k1, k2);
  for (int64_t i = 0; i < x.view.rows; i++) {
    for (int64_t j = 0; j < x.view.rows; j++) {
      const double e = expected[size_t(i)][size_t(j)];
      CHECK(std::fabs(graph.at(i, j) - e) <= 1e-6,
            << key << " " << i << "," << j << ": " << graph.at(i, j) << " " << e);
    }
  }
  first[key] = graph;
}

static void golden(const TestContext& test) {
  for (const GoldenJaccard& g : kGoldenJaccard) {
    TestMatrix x(g.n, g.d);
    std::copy(g.points.begin(), g.points.end(), x.values.begin());
    normalize(x);
    const PlainGraph graph = jaccard(test, x, g.ids, g.k1, g.k2);
    double worst = 0;
    size_t pair = 0;
    for (int64_t i = 0; i < g.n; i++) {
      for (int64_t j = i + 1; j < g.n; j++, pair++) {
        worst = std::max(worst, std::fabs(graph.at(i, j) - g.pairs[pair]));
      }
    }
    CHECK(worst <= 1e-6, << "n " << g.n << " k1 " << g.k1 << ": " << worst);
  }
}

static void values(const TestContext& test) {
  for (int64_t n : {0, 1, 2, 7, 65, 200}) {
    TestMatrix x(n, 9, 11);
    fillClustered(x, uint64_t(n), 6, 0.5f);
    for (int64_t k1 : {1, 2, 3, 5, 7, 30}) {
      const std::vector<int64_t> with = nearestIds(test, x, k1, false);
      const std::vector<int64_t> without = nearestIds(test, x, k1, true);
      for (int64_t k2 : {1, 6}) {
        compare(test, x, with, k1, k2, "values");
        compare(test, x, without, k1, k2, "values");  // the same sets, hence the same bits
      }
    }
  }
  TestMatrix wide(20, 1), long_norms(60, 5);
  fillGaussian(wide, 3);
  compare(test, wide, nearestIds(test, wide, 4, false), 4, 50, "k2 above k1");
  fillGaussian(long_norms, 4, 15);
  compare(test, long_norms, nearestIds(test, long_norms, 9, false), 9, 3, "not normalised");
}

static void duplicates(const TestContext& test) {
  TestMatrix x(120, 4), integers(150, 3);
  fillClustered(x, 8, 3, 0.2f);
  for (int64_t i = 0; i < 120; i++) {
    if (i % 3 != 0) std::copy_n(x.row(i % 10), 4, x.row(i));
  }
  compare(test, x, nearestIds(test, x, 6, false), 6, 3, "duplicates");
  compare(test, x, nearestIds(test, x, 6, true), 6, 3, "duplicates, itself excluded");
  fillIntegers(integers, 5, 1);
  normalize(integers);
  compare(test, integers, nearestIds(test, integers, 12, false), 12, 6, "ties");
  TestMatrix huge(40, 3);
  fillGaussian(huge, 6, 1e19f);
  const std::vector<int64_t> ids = nearestIds(test, huge, 5, false);
  const PlainGraph graph = jaccard(test, huge, ids, 5, 2);
  requireShape(graph, 40, "huge norms");
}

/** A graph of a lower limit is the whole one without what lies beyond, at the limit too. */
static void limits(const TestContext& test) {
  TestMatrix x(150, 6);
  fillClustered(x, 12, 9, 0.4f);
  const std::vector<int64_t> ids = nearestIds(test, x, 10, false);
  const PlainGraph whole = jaccard(test, x, ids, 10, 4);
  std::vector<float> sorted = whole.distances;
  std::sort(sorted.begin(), sorted.end());
  const float reached = sorted[sorted.size() / 2];
  for (float limit : {reached, std::nextafter(reached, 1.0f), 0.6f, 1e-30f}) {
    PlainGraph expected{{0}, {}, {}};
    for (int64_t i = 0; i < 150; i++) {
      for (int64_t e = whole.offsets[i]; e < whole.offsets[i + 1]; e++) {
        if (!(whole.distances[e] < limit)) continue;
        expected.columns.push_back(whole.columns[e]);
        expected.distances.push_back(whole.distances[e]);
      }
      expected.offsets.push_back(int64_t(expected.columns.size()));
    }
    CHECK(jaccard(test, x, ids, 10, 4, limit) == expected, << limit);
  }
}

static void refusals(const TestContext& test) {
  TestMatrix x(6, 2);
  fillGaussian(x, 1);
  std::vector<int64_t> ids = nearestIds(test, x, 3, false);
  dc4j_graph* graph = nullptr;
  const auto call = [&](const int64_t* table, int64_t k1, int64_t k2, float limit = 1) {
    const dc4j_status status = dc4j_jaccard(test.context, &x.view, table, k1, k2, limit, &graph);
    if (status == DC4J_OK) dc4j_graph_close(graph);
    CHECK(status == DC4J_OK || graph == nullptr);
    return status;
  };
  CHECK(call(ids.data(), 3, 2) == DC4J_OK);
  CHECK(call(ids.data(), 0, 2) == DC4J_INVALID_ARGUMENT);
  CHECK(call(ids.data(), INT64_MAX, 2) == DC4J_INVALID_ARGUMENT);
  CHECK(call(ids.data(), 3, 0) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, 3, 2) == DC4J_INVALID_ARGUMENT);
  for (float limit : {0.0f, -1.0f, 1.0001f, float(NAN), float(INFINITY)}) {
    CHECK(call(ids.data(), 3, 2, limit) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("limit"), << dc4j_last_error());
  }
  CHECK(dc4j_jaccard(test.context, nullptr, ids.data(), 3, 2, 1, &graph) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_jaccard(test.context, &x.view, ids.data(), 3, 2, 1, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_jaccard(nullptr, &x.view, ids.data(), 3, 2, 1, &graph) == DC4J_INVALID_ARGUMENT);
  for (int64_t bad : {int64_t(-2), int64_t(6), INT64_MIN, INT64_MAX, int64_t(1) << 32}) {
    std::vector<int64_t> table = ids;
    table[13] = bad;
    CHECK(call(table.data(), 3, 2) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("row 4") && errorHas("-1..5"), << dc4j_last_error());
  }
  ids[7] = ids[6];
  CHECK(call(ids.data(), 3, 2) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("row 2") && errorHas("twice"), << dc4j_last_error());
  ids[7] = ids[6] = -1;
  CHECK(call(ids.data(), 3, 2) == DC4J_OK);
  for (float bad : {float(NAN), float(INFINITY)}) {
    x.row(3)[1] = bad;
    CHECK(call(ids.data(), 3, 2) == DC4J_NOT_FINITE);
    CHECK(errorHas("x") && errorHas("row 3"), << dc4j_last_error());
  }
}

static dc4j_status graphOf(std::vector<int64_t> offsets, const std::vector<int32_t>& columns,
                           const std::vector<float>& distances, float limit = 4) {
  dc4j_graph* graph = nullptr;
  const dc4j_status status = dc4j_graph_of(int64_t(offsets.size()) - 1, offsets.data(),
                                           columns.data(), distances.data(), limit, &graph);
  if (status == DC4J_OK) {
    CHECK((copyOf(graph) == PlainGraph{offsets, columns, distances}));
    CHECK(dc4j_graph_limit(graph) == limit);
    CHECK(dc4j_graph_columns(graph) != nullptr && dc4j_graph_distances(graph) != nullptr);
  }
  CHECK((graph != nullptr) == (status == DC4J_OK));
  dc4j_graph_close(graph);
  return status;
}

static void given() {
  currentCase() = "given";
  CHECK(graphOf({0}, {}, {}) == DC4J_OK);
  CHECK(graphOf({0, 0, 0}, {}, {}) == DC4J_OK);
  CHECK(graphOf({0, 2, 3, 4}, {0, 1, 0, 2}, {0, 3, 3, 0}) == DC4J_OK);
  const auto refused = [](dc4j_status status, const char* part) {
    CHECK(status == DC4J_INVALID_ARGUMENT && errorHas(part), << part << ": " << dc4j_last_error());
  };
  refused(graphOf({1, 1}, {}, {}), "offsets[0]");
  refused(graphOf({0, 1, 0}, {1}, {0}), "offsets[2]");
  refused(graphOf({0, 1, 2}, {1, 0}, {3, 2}), "row 0 is 3 from row 1");
  refused(graphOf({0, 1, 1}, {1}, {3}), "symmetric");
  refused(graphOf({0, 1, 2}, {1, 2}, {3, 3}), "columns[1]");
  refused(graphOf({0, 1, 2}, {1, -1}, {3, 3}), "columns[1]");
  refused(graphOf({0, 2, 2}, {1, 0}, {3, 0}), "columns[1]");
  refused(graphOf({0, 2, 2}, {1, 1}, {3, 3}), "columns[1]");
  refused(graphOf({0, 1}, {0}, {1}), "0 to itself");
  refused(graphOf({0, 1, 2}, {1, 0}, {4, 4}), "below limit 4");
  refused(graphOf({0, 1, 2}, {1, 0}, {-1, -1}), "distances[0]");
  refused(graphOf({0, 1, 2}, {1, 0}, {NAN, NAN}), "distances[0]");
  refused(graphOf({0, 0}, {}, {}, 0), "limit");
  refused(graphOf({0, 0}, {}, {}, NAN), "limit");
  dc4j_graph* graph = nullptr;
  const std::vector<int64_t> offsets = {0, 1};
  CHECK(dc4j_graph_of(1, offsets.data(), nullptr, nullptr, 1, &graph) == DC4J_INVALID_ARGUMENT);
  const int64_t far[] = {0, (INT64_C(1) << 62) + 1};  // bytes of so many entries wrap
  const int32_t column = 0;
  const float distance = 0;
  CHECK(dc4j_graph_of(1, far, &column, &distance, 1, &graph) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("at most 1, one a column"), << dc4j_last_error());
  CHECK(dc4j_graph_of(-1, offsets.data(), nullptr, nullptr, 1, &graph) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_graph_of(1, nullptr, nullptr, nullptr, 1, &graph) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_graph_of(0, offsets.data(), nullptr, nullptr, 1, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_graph_rows(nullptr) == 0 && dc4j_graph_size(nullptr) == 0);
  CHECK(dc4j_graph_offsets(nullptr) == nullptr && dc4j_graph_columns(nullptr) == nullptr);
  CHECK(dc4j_graph_distances(nullptr) == nullptr && dc4j_graph_limit(nullptr) == 0);
  dc4j_graph_close(nullptr);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    golden(test);
    values(test);
    duplicates(test);
    limits(test);
    refusals(test);
  });
  given();
  return finish();
}
