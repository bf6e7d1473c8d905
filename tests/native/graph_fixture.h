// Graphs as plain values, and the points and neighbour tables graph tests start from.
#pragma once
#include <dc4j/graph.h>
#include <dc4j/kernels.h>

#include <algorithm>

#include "plain.h"

/** A copy of a graph's arrays. */
struct PlainGraph {
  std::vector<int64_t> offsets;
  std::vector<int32_t> columns;
  std::vector<float> distances;

  bool operator==(const PlainGraph& other) const {
    return offsets == other.offsets && columns == other.columns && distances == other.distances;
  }
  /** The stored distance, 1 where there is none. */
  float at(int64_t i, int64_t j) const {
    const auto begin = columns.begin() + offsets[i], end = columns.begin() + offsets[i + 1];
    const auto found = std::lower_bound(begin, end, int32_t(j));
    return found == end || *found != j ? 1 : distances[size_t(found - columns.begin())];
  }
};

inline PlainGraph copyOf(const dc4j_graph* graph) {
  const int64_t *offsets = dc4j_graph_offsets(graph), n = dc4j_graph_rows(graph);
  const int32_t* columns = dc4j_graph_columns(graph);
  const float* distances = dc4j_graph_distances(graph);
  const int64_t size = dc4j_graph_size(graph);
  return {{offsets, offsets + n + 1}, {columns, columns + size}, {distances, distances + size}};
}

inline std::vector<int64_t> nearestIds(const TestContext& test, const TestMatrix& x, int64_t k,
                                       bool exclude, std::vector<float>* squared = nullptr) {
  const int64_t n = x.view.rows;
  std::vector<int64_t> ids(size_t(n * k)), itself;
  for (int64_t i = 0; i < n; i++) itself.push_back(i);
  if (squared) squared->resize(size_t(n * k));
  CHECK(dc4j_nearest(test.context, &x.view, &x.view, k, exclude ? itself.data() : nullptr,
                     ids.data(), squared ? squared->data() : nullptr) == DC4J_OK,
        << dc4j_last_error());
  return ids;
}

inline void normalize(TestMatrix& x) {
  for (int64_t i = 0; i < x.view.rows; i++) {
    double square = 0;
    for (int64_t t = 0; t < x.view.cols; t++) square += double(x.row(i)[t]) * x.row(i)[t];
    for (int64_t t = 0; t < x.view.cols && square > 0; t++) {
      x.row(i)[t] = float(double(x.row(i)[t]) / std::sqrt(square));
    }
  }
}

/** Unit rows around `centres` directions. */
inline void fillClustered(TestMatrix& x, uint64_t seed, int64_t centres, float spread) {
  fillGaussian(x, seed, spread);
  TestMatrix means(centres, x.view.cols);
  fillGaussian(means, seed + 1);
  std::mt19937_64 engine(seed + 2);
  for (int64_t i = 0; i < x.view.rows; i++) {
    const float* mean = means.row(int64_t(engine() % uint64_t(centres)));
    for (int64_t t = 0; t < x.view.cols; t++) x.row(i)[t] += mean[t];
  }
  normalize(x);
}
