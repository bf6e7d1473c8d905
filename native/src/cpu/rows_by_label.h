// The rows of every cluster side by side: a counting sort by label. Rows labelled -1 are left out;
// the order within a cluster depends on nothing but the labels.
#pragma once
#include "core/view.h"
#include "core/workers.h"
#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class RowsByLabel {
 public:
  /** labels [n], -1..k-1. */
  RowsByLabel(Workers& workers, const int32_t* labels, int64_t n, int64_t k)
      : start_(k + 1), order_(n) {
    // As many parts as workers, fewer where a part's k counters would weigh more than its rows.
    const int64_t most = workers.threads(), worth = n / (4 * k) + 1;
    const int64_t parts = most < worth ? most : worth, rows = (n + parts - 1) / parts;
    Buffer<int64_t> next(parts * k);
    workers.forEach(parts, [&](int64_t part, int) {
      int64_t* count = next.data() + part * k;
      for (int64_t j = 0; j < k; j++) count[j] = 0;
      for (int64_t i = part * rows; i < n && i < (part + 1) * rows; i++) {
        if (labels[i] >= 0) count[labels[i]]++;
      }
    });
    int64_t placed = 0;
    for (int64_t j = 0; j < k; j++) {
      start_[j] = placed;
      for (int64_t part = 0; part < parts; part++) {
        const int64_t count = next[part * k + j];
        next[part * k + j] = placed;
        placed += count;
      }
    }
    start_[k] = placed;
    workers.forEach(parts, [&](int64_t part, int) {
      int64_t* place = next.data() + part * k;
      for (int64_t i = part * rows; i < n && i < (part + 1) * rows; i++) {
        if (labels[i] >= 0) order_[place[labels[i]]++] = i;
      }
    });
  }

  /** Rows of cluster j: row(begin(j)) .. row(end(j) - 1). */
  int64_t begin(int64_t j) const { return start_[j]; }
  int64_t end(int64_t j) const { return start_[j + 1]; }
  int64_t count(int64_t j) const { return start_[j + 1] - start_[j]; }
  int64_t row(int64_t place) const { return order_[place]; }

 private:
  Buffer<int64_t> start_, order_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
