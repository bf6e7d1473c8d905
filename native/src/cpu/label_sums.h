// Sums of the rows of every cluster in the fixed point of core/fixed_point.h: rows are sorted by
// label, runs of one label are summed in registers and the first cache, in parallel, and long runs
// in pieces: integers, so order means nothing.
#pragma once
#include <cmath>

#include "cpu/fixed_row.h"
#include "cpu/prefetch.h"
#include "cpu/rows_by_label.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class LabelSums {
 public:
  /** labels [n], -1..k-1; rows labelled -1 belong to no sum. */
  LabelSums(Workers& workers, ConstMatrix x, const int32_t* labels, int64_t k, int shift)
      : x_(x), k_(k), scale_(std::ldexp(1.0, shift)), rows_(workers, labels, x.rows, k) {}

  int64_t count(int64_t j) const { return rows_.count(j); }

  /** Calls sink(j, column, columns, sum) for stretches of columns that cover the sum of every
   * cluster with rows once; clusters come in any order, and from several threads. */
  template <typename Sink>
  void each(Workers& workers, const Sink& sink) const {
    // Consecutive short clusters share a job, so that jobs are worth handing out.
    Buffer<int64_t> first(k_ + 1);
    int64_t jobs = 0, rows = 0;
    for (int64_t j = 0; j < k_; j++) {
      if (j == 0 || rows + count(j) > kJobRows || j - first[jobs - 1] >= 64) {
        first[jobs++] = j;
        rows = 0;
      }
      rows += count(j);
    }
    first[jobs] = k_;
    workers.forEach(jobs, [&](int64_t job, int) {
      for (int64_t j = first[job]; j < first[job + 1]; j++) {
        if (count(j) > 0 && count(j) <= kPiece) sumShort(j, sink);
      }
    });
    Buffer<int64_t> sums(x_.cols);
    for (int64_t j = 0; j < k_; j++) {
      if (count(j) <= kPiece) continue;
      sumLong(workers, j, sums.data());
      sink(j, int64_t{0}, x_.cols, sums.data());
    }
  }

 private:
  static constexpr int64_t kPiece = 4096;    // rows of one cluster a job sums
  static constexpr int64_t kColumns = 1024;  // columns of one pass over a piece
  static constexpr int64_t kJobRows = 4096;  // rows of consecutive short clusters one job sums
  static constexpr int64_t kAhead = 6;       // rows that are being loaded

  void sumRows(int64_t from, int64_t to, int64_t column, int64_t columns, int64_t* sum) const {
    for (int64_t t = 0; t < columns; t++) sum[t] = 0;
    const auto row = [&](int64_t p) { return x_.row(rows_.row(p)) + column; };
    // Into the rows of the next cluster, too: most are short.
    const int64_t last = rows_.end(k_ - 1);
    for (int64_t p = from; p < to; p++) {
      if (p + kAhead < last) prefetchRow(row(p + kAhead), columns);
      addRow(row(p), columns, scale_, sum);
    }
  }

  template <typename Sink>
  void sumShort(int64_t j, const Sink& sink) const {
    alignas(64) int64_t sum[kColumns];
    for (int64_t column = 0; column < x_.cols; column += kColumns) {
      const int64_t left = x_.cols - column, columns = left < kColumns ? left : kColumns;
      sumRows(rows_.begin(j), rows_.end(j), column, columns, sum);
      sink(j, column, columns, sum);
    }
  }

  void sumLong(Workers& workers, int64_t j, int64_t* sums) const {
    for (int64_t t = 0; t < x_.cols; t++) sums[t] = 0;
    const int64_t pieces = (count(j) + kPiece - 1) / kPiece;
    const int64_t slices = (x_.cols + kColumns - 1) / kColumns;
    workers.forEach(pieces * slices, [&](int64_t job, int) {
      alignas(64) int64_t sum[kColumns];
      const int64_t column = job % slices * kColumns, left = x_.cols - column;
      const int64_t columns = left < kColumns ? left : kColumns;
      const int64_t from = rows_.begin(j) + job / slices * kPiece, end = rows_.end(j);
      sumRows(from, from + kPiece < end ? from + kPiece : end, column, columns, sum);
      for (int64_t t = 0; t < columns; t++) {
        __atomic_fetch_add(&sums[column + t], sum[t], __ATOMIC_RELAXED);
      }
    });
  }

  ConstMatrix x_;
  int64_t k_;
  double scale_;
  RowsByLabel rows_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
