// Fuzz cases of the neighbour graphs and their clusterings: statuses, labels and bits.
#pragma once
#include "fuzz.h"
#include "graph_fixture.h"

/** Ids of n rows, k to a row: the nearest, or drawn and unrelated to the rows; -1 in places, and
 * rarely one that is refused. */
inline std::vector<int64_t> drawTable(const TestContext& test, Draw& draw, TestMatrix& x,
                                      int64_t k) {
  const int64_t n = x.view.rows;
  std::vector<int64_t> ids(size_t(n * k), -1), all;
  if (draw.once(2)) {
    // Refused where rows are not finite: the table then stays as it is, everywhere.
    dc4j_nearest(test.context, &x.view, &x.view, k, nullptr, ids.data(), nullptr);
  }
  for (int64_t j = 0; j < n; j++) all.push_back(j);
  const bool drawn = ids.empty() || ids[0] < 0 || draw.once(3);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t p = 0; p < k; p++) {
      int64_t& id = ids[size_t(i * k + p)];
      if (drawn && p < n) {
        std::swap(all[size_t(p)], all[size_t(p + draw.below(n - p))]);
        id = all[size_t(p)];
      }
      if (draw.once(20)) id = -1;
    }
  }
  if (!ids.empty() && draw.once(40)) ids[size_t(draw.below(n * k))] = draw.once(2) ? n : -2;
  return ids;
}

inline void fuzzJaccard(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(draw.once(4) ? 300 : 70), d = draw.size(70), k1 = 1 + draw.size(35);
  TestMatrix x(n, d, d + draw.below(3));
  draw.fill(x);
  if (draw.once(2)) normalize(x);
  const std::vector<int64_t> ids = drawTable(test, draw, x, k1);
  const int64_t k2 = 1 + draw.size(9), min_samples = 1 + draw.below(6);
  const float limit = draw.once(2) ? 1 : float(1 + draw.below(20)) / 20;
  const float eps = limit * float(draw.below(20)) / 20;
  dc4j_graph* graph = nullptr;
  out.add(dc4j_jaccard(test.context, &x.view, ids.data(), k1, k2, limit, &graph),
          std::vector<int32_t>());
  if (graph == nullptr) return;
  const PlainGraph plain = copyOf(graph);
  out.add(DC4J_OK, plain.offsets);
  out.add(DC4J_OK, plain.columns);
  out.add(plain.distances);
  std::vector<int32_t> labels(static_cast<size_t>(n));
  int64_t clusters = 0;
  out.add(dc4j_dbscan(test.context, graph, eps, min_samples, labels.data(), &clusters), labels);
  out.add(DC4J_OK, std::vector<int64_t>{clusters});
  dc4j_graph_close(graph);
}

/** A drawn graph, symmetric but for a rare flaw. */
inline void fuzzGraphOf(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(60), density = 1 + draw.below(12);
  std::vector<std::vector<float>> apart(static_cast<size_t>(n), std::vector<float>(size_t(n), -1));
  for (size_t i = 0; i < apart.size(); i++) {
    if (draw.once(2)) apart[i][i] = 0;
    for (size_t j = 0; j < i; j++) {
      if (draw.once(density)) apart[i][j] = apart[j][i] = float(draw.below(8)) / 8;
    }
  }
  if (n > 0 && draw.once(10)) apart[size_t(draw.below(n))][size_t(draw.below(n))] = 0.3f;
  std::vector<int64_t> offsets = {0};
  std::vector<int32_t> columns;
  std::vector<float> distances;
  for (const std::vector<float>& row : apart) {
    for (size_t j = 0; j < row.size(); j++) {
      if (row[j] < 0) continue;
      columns.push_back(int32_t(j));
      distances.push_back(row[j]);
    }
    offsets.push_back(int64_t(columns.size()));
  }
  if (!columns.empty() && draw.once(20)) columns[size_t(draw.below(offsets[size_t(n)]))]++;
  dc4j_graph* graph = nullptr;
  out.add(dc4j_graph_of(n, offsets.data(), columns.data(), distances.data(), 1, &graph),
          std::vector<int32_t>());
  if (graph == nullptr) return;
  std::vector<int32_t> labels(static_cast<size_t>(n));
  for (const float eps : {0.0f, 0.25f, 0.9f}) {
    out.add(dc4j_dbscan(test.context, graph, eps, 1 + draw.below(5), labels.data(), nullptr),
            labels);
  }
  dc4j_graph_close(graph);
}

inline void fuzzPic(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(draw.once(8) ? 2500 : 150), k = 1 + draw.size(9);
  TestMatrix x(n, 3), squared(n, k, k + draw.below(3));
  draw.fill(x);
  const std::vector<int64_t> ids = drawTable(test, draw, x, k);
  const float scale = draw.once(4) ? 100 : 0.1f;
  for (float& v : squared.values) v = scale * float(draw.below(draw.once(2) ? 4 : 1000)) / 1000;
  if (!squared.values.empty() && draw.once(20)) {
    const float odd[] = {NAN, INFINITY, -1, 3e38f};
    squared.values[size_t(draw.below(int64_t(squared.values.size())))] = odd[draw.below(4)];
  }
  const dc4j_pic_options options = {draw.once(3) ? 0.02 : 0.2, double(draw.below(10)) / 10,
                                    draw.size(40)};
  std::vector<int32_t> labels(static_cast<size_t>(n));
  int64_t clusters = 0;
  out.add(dc4j_pic(test.context, ids.data(), &squared.view, &options, labels.data(), &clusters),
          labels);
  if (out.status.back() == DC4J_OK) out.add(DC4J_OK, std::vector<int64_t>{clusters});
}

inline Outcome fuzzGraphs(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  Outcome out;
  fuzzJaccard(test, draw, out);
  fuzzGraphOf(test, draw, out);
  fuzzPic(test, draw, out);
  return out;
}
