// Labels of scikit-learn's DBSCAN (graph.h), by its own order of visits: from every core row that
// has no label yet, in increasing order, depth first over everything within eps of core rows.
// O(entries).
#include <vector>

#include "backend/table.h"

namespace dc4j {
namespace reference {

void dbscan(Workers&, const Graph& graph, float eps, int64_t min_samples, int32_t* labels,
            int64_t* clusters) {
  const auto near = [&](int64_t e) { return graph.entries.values[e] <= eps; };
  std::vector<bool> core;
  for (int64_t i = 0; i < graph.rows; i++) {
    int64_t count = 1;
    for (int64_t e = graph.offsets[i]; e < graph.offsets[i + 1]; e++) {
      count += graph.entries.columns[e] != i && near(e);
    }
    core.push_back(count >= min_samples);
    labels[i] = -1;
  }
  int32_t cluster = 0;
  std::vector<int64_t> stack;
  for (int64_t first = 0; first < graph.rows; first++) {
    if (labels[first] != -1 || !core[first]) continue;
    stack.push_back(first);
    while (!stack.empty()) {
      const int64_t i = stack.back();
      stack.pop_back();
      if (labels[i] != -1) continue;
      labels[i] = cluster;
      if (!core[i]) continue;
      for (int64_t e = graph.offsets[i]; e < graph.offsets[i + 1]; e++) {
        if (near(e)) stack.push_back(graph.entries.columns[e]);
      }
    }
    cluster++;
  }
  *clusters = cluster;
}

}  // namespace reference
}  // namespace dc4j
