// dbscan: scikit-learn's labels, and its loop on random graphs with many ties, border rows and
// noise; a missing diagonal, Jaccard graphs, refusals.
#include "graph_fixture.h"

struct GoldenRun {
  int eps, min_samples;  // eps in 64ths
  std::vector<int32_t> labels;
};
struct GoldenDbscan {
  int64_t n;
  std::vector<int> steps;  // 64ths above the diagonal
  std::vector<GoldenRun> runs;
};
#include "golden/dbscan_golden.inc"

using Dense = std::vector<std::vector<float>>;

/** A graph of the entries below limit. */
static dc4j_graph* graphOf(const Dense& dense, float limit, bool diagonal) {
  PlainGraph plain{{0}, {}, {}};
  for (size_t i = 0; i < dense.size(); i++) {
    for (size_t j = 0; j < dense.size(); j++) {
      if (!(dense[i][j] < limit) || (i == j && !diagonal)) continue;
      plain.columns.push_back(int32_t(j));
      plain.distances.push_back(dense[i][j]);
    }
    plain.offsets.push_back(int64_t(plain.columns.size()));
  }
  dc4j_graph* graph = nullptr;
  CHECK(dc4j_graph_of(int64_t(dense.size()), plain.offsets.data(), plain.columns.data(),
                      plain.distances.data(), limit, &graph) == DC4J_OK,
        << dc4j_last_error());
  return graph;
}

/** The loop of scikit-learn over a full matrix, as published. */
static std::vector<int32_t> visits(const Dense& dense, float eps, int64_t min_samples) {
  const size_t n = dense.size();
  std::vector<std::vector<size_t>> near(n);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      if (dense[i][j] <= eps) near[i].push_back(j);
    }
  }
  std::vector<int32_t> labels(n, -1);
  int32_t next = 0;
  for (size_t start = 0; start < n; start++) {
    if (labels[start] != -1 || int64_t(near[start].size()) < min_samples) continue;
    std::vector<size_t> stack;
    for (size_t i = start;;) {
      if (labels[i] == -1) {
        labels[i] = next;
        if (int64_t(near[i].size()) >= min_samples) {
          for (const size_t j : near[i]) {
            if (labels[j] == -1) stack.push_back(j);
          }
        }
      }
      if (stack.empty()) break;
      i = stack.back();
      stack.pop_back();
    }
    next++;
  }
  return labels;
}

static void compare(const TestContext& test, const dc4j_graph* graph, float eps,
                    int64_t min_samples, const std::vector<int32_t>& expected,
                    const std::string& what) {
  std::vector<int32_t> labels(expected.size() + 1, -9);
  int64_t clusters = -1;
  CHECK(dc4j_dbscan(test.context, graph, eps, min_samples, labels.data(), &clusters) == DC4J_OK,
        << what << dc4j_last_error());
  CHECK(labels.back() == -9, << what);
  labels.pop_back();
  CHECK(labels == expected, << what << " eps " << eps << " min_samples " << min_samples);
  const int32_t most = expected.empty() ? -1 : *std::max_element(expected.begin(), expected.end());
  CHECK(clusters == most + 1, << what << " " << clusters << " clusters");
}

static void golden(const TestContext& test) {
  for (const GoldenDbscan& g : kGoldenDbscan) {
    Dense dense(size_t(g.n), std::vector<float>(size_t(g.n), 0));
    size_t pair = 0;
    for (size_t i = 0; i < dense.size(); i++) {
      for (size_t j = i + 1; j < dense.size(); j++) {
        dense[i][j] = dense[j][i] = float(g.steps[pair++]) / 64;
      }
    }
    dc4j_graph *with = graphOf(dense, 1, true), *without = graphOf(dense, 1, false);
    for (const GoldenRun& run : g.runs) {
      compare(test, with, float(run.eps) / 64, run.min_samples, run.labels, "golden");
      compare(test, without, float(run.eps) / 64, run.min_samples, run.labels, "no diagonal");
    }
    dc4j_graph_close(with);
    dc4j_graph_close(without);
  }
}

static void random(const TestContext& test) {
  for (uint64_t seed = 0; seed < 60; seed++) {
    std::mt19937_64 engine(seed);
    const size_t n = std::vector<size_t>{0, 1, 2, 9, 33, 70}[seed % 6];
    const uint64_t sparse = 2 + engine() % 20;  // one pair of so many is near
    Dense dense(n, std::vector<float>(n, 0));
    for (size_t i = 0; i < n; i++) {
      for (size_t j = i + 1; j < n; j++) {
        const bool near = engine() % sparse == 0;
        dense[i][j] = dense[j][i] = near ? float(engine() % 6) / 8 : 1;
      }
    }
    dc4j_graph* graph = graphOf(dense, 1, seed % 2 == 0);
    for (float eps : {0.0f, 0.125f, 0.375f, 0.6f, std::nextafter(1.0f, 0.0f)}) {
      for (int64_t min_samples : {int64_t(1), int64_t(2), int64_t(4), INT64_MAX}) {
        compare(test, graph, eps, min_samples, visits(dense, eps, min_samples),
                "seed " + std::to_string(seed));
      }
    }
    dc4j_graph_close(graph);
  }
}

/** A chain longer than a block of rows, joined at its far end. */
static void chain(const TestContext& test) {
  const int64_t n = 5000;
  std::vector<int64_t> offsets = {0};
  std::vector<int32_t> columns, expected;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j : {i - 2, i + 2}) {
      if (j >= 0 && j < n) columns.push_back(int32_t(j));
    }
    offsets.push_back(int64_t(columns.size()));
    expected.push_back(int32_t(i % 2));
  }
  const std::vector<float> distances(columns.size(), 0.5f);
  dc4j_graph* graph = nullptr;
  CHECK(dc4j_graph_of(n, offsets.data(), columns.data(), distances.data(), 1, &graph) == DC4J_OK);
  compare(test, graph, 0.5f, 2, expected, "two chains");
  compare(test, graph, 0.5f, 3, expected, "two chains, ends are borders");
  compare(test, graph, 0.4f, 2, std::vector<int32_t>(n, -1), "all noise");
  dc4j_graph_close(graph);
}

static void onJaccard(const TestContext& test) {
  TestMatrix x(400, 8);
  fillClustered(x, 5, 20, 0.25f);
  const std::vector<int64_t> ids = nearestIds(test, x, 20, false);
  dc4j_graph *whole = nullptr, *part = nullptr;
  CHECK(dc4j_jaccard(test.context, &x.view, ids.data(), 20, 6, 1, &whole) == DC4J_OK);
  CHECK(dc4j_jaccard(test.context, &x.view, ids.data(), 20, 6, 0.62f, &part) == DC4J_OK);
  const PlainGraph plain = copyOf(whole);
  Dense dense(400, std::vector<float>(400));
  for (size_t i = 0; i < 400; i++) {
    for (size_t j = 0; j < 400; j++) dense[i][j] = plain.at(int64_t(i), int64_t(j));
  }
  for (float eps : {0.2f, 0.5f, 0.6f}) {
    const std::vector<int32_t> expected = visits(dense, eps, 4);
    CHECK(*std::max_element(expected.begin(), expected.end()) > 2, << "too easy");
    compare(test, whole, eps, 4, expected, "jaccard");
    compare(test, part, eps, 4, expected, "jaccard below 0.62");
  }
  int32_t labels[400];
  CHECK(dc4j_dbscan(test.context, part, 0.62f, 4, labels, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("eps") && errorHas("limit 0.62"), << dc4j_last_error());
  dc4j_graph_close(whole);
  dc4j_graph_close(part);
}

static void refusals(const TestContext& test) {
  dc4j_graph* graph = graphOf({{0, 0.5f}, {0.5f, 0}}, 1, true);
  int32_t labels[2];
  CHECK(dc4j_dbscan(test.context, graph, 0.5f, 2, labels, nullptr) == DC4J_OK);
  for (float eps : {-0.1f, 1.0f, float(NAN), float(INFINITY)}) {
    CHECK(dc4j_dbscan(test.context, graph, eps, 2, labels, nullptr) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("eps"), << dc4j_last_error());
  }
  for (int64_t min_samples : {int64_t(0), INT64_MIN}) {
    CHECK(dc4j_dbscan(test.context, graph, 0.5f, min_samples, labels, nullptr) ==
          DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("min_samples"), << dc4j_last_error());
  }
  CHECK(dc4j_dbscan(test.context, graph, 0.5f, 2, nullptr, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_dbscan(test.context, nullptr, 0.5f, 2, labels, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_dbscan(nullptr, graph, 0.5f, 2, labels, nullptr) == DC4J_INVALID_ARGUMENT);
  dc4j_graph_close(graph);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    golden(test);
    random(test);
    chain(test);
    onJaccard(test);
    refusals(test);
  });
  return finish();
}
