// Labels of scikit-learn's DBSCAN (graph.h) by union-find: O(entries), 12 bytes per row. Judge:
// reference/dbscan.cpp, same labels.
//
// Why no order of visits is needed. Scikit-learn goes through the rows in increasing order; from a
// core row without a label it starts the next cluster and labels, depth first, every row without a
// label that it can reach over core rows, before it goes on. (1) That reaches exactly the core
// component of its start: all of its core rows are still without a label, for a cluster that had
// labelled one of them would have reached, over core rows, the start as well. The start is the
// component's lowest row, since a lower one would have started it earlier. So clusters are the core
// components, numbered in the order of their lowest rows. (2) A row that is not core passes nothing
// on, so when it is labelled changes no other label. It is reached by the clusters that have a core
// row within eps of it, and labelled by the first of them to run: the lowest-numbered. Depth-first
// or not makes no difference.
#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kGrain = 1024;

class Dbscan {
 public:
  Dbscan(const Graph& graph, float eps)
      : graph_(graph), eps_(eps), parents_(graph.rows), core_(graph.rows) {}

  void findCores(Workers& workers, int64_t min_samples) {
    workers.forRows(graph_.rows, kGrain, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        int64_t count = 1;
        forNear(i, [&](int64_t) { count++; });
        core_[i] = count >= min_samples;
        parents_[i] = static_cast<int32_t>(i);
      }
    });
  }

  /** Every core row under the lowest row of its component. */
  void joinCores() {
    for (int64_t i = 0; i < graph_.rows; i++) {
      if (!core_[i]) continue;
      forNear(i, [&](int64_t j) {
        if (j >= i || !core_[j]) return;
        const int32_t a = rootOf(static_cast<int32_t>(i)), b = rootOf(static_cast<int32_t>(j));
        parents_[a < b ? b : a] = a < b ? a : b;
      });
    }
  }

  /** Labels of the core rows, -1 for the others; returns how many clusters. */
  int32_t numberCores(int32_t* labels) {
    int32_t clusters = 0;
    for (int64_t i = 0; i < graph_.rows; i++) {
      const int32_t root = rootOf(static_cast<int32_t>(i));
      labels[i] = !core_[i] ? -1 : root == i ? clusters++ : labels[root];
    }
    return clusters;
  }

  /** Writes rows that are not core only, reads those that are. */
  void labelBorders(Workers& workers, int32_t* labels) const {
    workers.forRows(graph_.rows, kGrain, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        if (core_[i]) continue;
        int32_t lowest = -1;
        forNear(i, [&](int64_t j) {
          if (core_[j] && (lowest < 0 || labels[j] < lowest)) lowest = labels[j];
        });
        labels[i] = lowest;
      }
    });
  }

 private:
  template <typename Take>
  void forNear(int64_t i, const Take& take) const {
    const int32_t* columns = graph_.entries.columns;
    for (int64_t e = graph_.offsets[i]; e < graph_.offsets[i + 1]; e++) {
      if (graph_.entries.values[e] <= eps_ && columns[e] != i) take(columns[e]);
    }
  }

  int32_t rootOf(int32_t i) const {
    while (parents_[i] != i) {
      parents_[i] = parents_[parents_[i]];
      i = parents_[i];
    }
    return i;
  }

  const Graph& graph_;
  const float eps_;
  Buffer<int32_t> parents_;
  Buffer<bool> core_;
};

}  // namespace

void dbscan(Workers& workers, const Graph& graph, float eps, int64_t min_samples, int32_t* labels,
            int64_t* clusters) {
  Dbscan run(graph, eps);
  run.findCores(workers, min_samples);
  run.joinCores();
  *clusters = run.numberCores(labels);
  run.labelBorders(workers, labels);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
