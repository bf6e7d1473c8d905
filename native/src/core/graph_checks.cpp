#include "core/graph_checks.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"

namespace dc4j {

void requireNeighbourTable(const int64_t* ids, int64_t n, int64_t k) {
  std::vector<int64_t> seen_in(static_cast<size_t>(n), -1);
  for (int64_t e = 0; e < n * k; e++) {
    const int64_t i = e / k, id = ids[e];
    if (id < -1 || id >= n) {
      invalid(text("ids of row ", i, " hold ", id, "; accepted: -1..", n - 1));
    }
    if (id == -1) continue;
    if (seen_in[static_cast<size_t>(id)] == i) {
      invalid(text("ids of row ", i, " hold ", id, " twice; accepted: once"));
    }
    seen_in[static_cast<size_t>(id)] = i;
  }
}

void requireNeighbourDistances(const int64_t* ids, ConstMatrix distances) {
  for (int64_t i = 0; i < distances.rows; i++) {
    for (int64_t p = 0; p < distances.cols; p++) {
      const int64_t id = ids[i * distances.cols + p];
      const float d = distances.row(i)[p];
      if (id < 0 || id == i || d >= 0) continue;
      if (std::isnan(d)) throw Error(DC4J_NOT_FINITE, text("distances hold NaN, first in row ", i));
      invalid(text("distances of row ", i, " hold ", d, "; accepted: >= 0"));
    }
  }
}

void requireOffsets(const int64_t* offsets, int64_t rows) {
  if (offsets[0] != 0) invalid(text("offsets[0] is ", offsets[0], "; accepted: 0"));
  for (int64_t i = 0; i < rows; i++) {
    if (offsets[i + 1] < offsets[i]) {
      invalid(text("offsets[", i + 1, "] is ", offsets[i + 1], "; accepted: >= ", offsets[i],
                   ", the one before"));
    }
    if (offsets[i + 1] - offsets[i] > rows) {
      invalid(text("offsets[", i + 1, "] gives row ", i, " ", offsets[i + 1] - offsets[i],
                   " entries; accepted: at most ", rows, ", one a column"));
    }
  }
}

static void requireRow(const Graph& graph, int64_t i) {
  const int32_t* columns = graph.entries.columns;
  const int64_t begin = graph.offsets[i];
  for (int64_t e = begin; e < graph.offsets[i + 1]; e++) {
    if (columns[e] < 0 || columns[e] >= graph.rows) {
      invalid(text("columns[", e, "] is ", columns[e], "; accepted: 0..", graph.rows - 1));
    }
    if (e > begin && columns[e] <= columns[e - 1]) {
      invalid(text("columns[", e, "] is ", columns[e], "; accepted: above ", columns[e - 1],
                   ", the one before it in row ", i));
    }
    const float d = graph.entries.values[e];
    if (!(d >= 0 && d < graph.limit) || (columns[e] == i && d != 0)) {
      invalid(text("distances[", e, "] from row ", i, " to ", columns[e], " is ", d,
                   "; accepted: >= 0 and below limit ", graph.limit, ", 0 to itself"));
    }
  }
}

void requireGraph(const Graph& graph) {
  const int32_t* columns = graph.entries.columns;
  const float* distances = graph.entries.values;
  for (int64_t i = 0; i < graph.rows; i++) requireRow(graph, i);
  for (int64_t i = 0; i < graph.rows; i++) {
    for (int64_t e = graph.offsets[i]; e < graph.offsets[i + 1]; e++) {
      const int64_t j = columns[e];
      const int32_t* end = columns + graph.offsets[j + 1];
      const int32_t* back =
          std::lower_bound(columns + graph.offsets[j], end, static_cast<int32_t>(i));
      if (back == end || *back != i || distances[back - columns] != distances[e]) {
        invalid(text("row ", i, " is ", distances[e], " from row ", j,
                     ", which does not hold the same distance back; accepted: symmetric graphs"));
      }
    }
  }
}

}  // namespace dc4j
