// centroids[j] = mean of the rows labelled j in 64-bit fixed point (core/fixed_point.h); clusters
// without rows keep theirs. x [n x d], centroids [k x d]. Two passes over x (the first finds max
// |x|), n d integer additions; rows are sorted by label (counting sort), runs of one label are
// summed in parallel and long runs in pieces: integers, so order means nothing. Judge:
// reference/kmeans_update.cpp, same bits.
#include <cmath>

#include "core/fixed_point.h"
#include "cpu/buffer.h"
#include "cpu/fixed_row.h"
#include "cpu/prefetch.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kPiece = 4096;    // rows of one cluster a job sums
constexpr int64_t kColumns = 1024;  // columns of one pass over a piece
constexpr int64_t kJobRows = 4096;  // rows of consecutive short clusters one job sums

class Update {
 public:
  Update(ConstMatrix x, const int32_t* labels, Matrix centroids, int64_t* counts, int shift)
      : x_(x),
        centroids_(centroids),
        counts_(counts),
        scale_(std::ldexp(1.0, shift)),
        unit_(std::ldexp(1.0, -shift)),
        start_(centroids.rows + 1),
        order_(x.rows) {
    const int64_t k = centroids.rows;
    for (int64_t j = 0; j <= k; j++) start_[j] = 0;
    for (int64_t i = 0; i < x.rows; i++) {
      if (labels[i] >= 0) start_[labels[i] + 1]++;
    }
    for (int64_t j = 0; j < k; j++) {
      counts[j] = start_[j + 1];
      start_[j + 1] += start_[j];
    }
    Buffer<int64_t> next(k);
    for (int64_t j = 0; j < k; j++) next[j] = start_[j];
    for (int64_t i = 0; i < x.rows; i++) {
      if (labels[i] >= 0) order_[next[labels[i]]++] = i;
    }
  }

  void run(Workers& workers) {
    const int64_t k = centroids_.rows;
    // Consecutive short clusters share a job, so that jobs are worth handing out.
    Buffer<int64_t> first(k + 1);
    int64_t jobs = 0, rows = 0;
    for (int64_t j = 0; j < k; j++) {
      if (j == 0 || rows + counts_[j] > kJobRows || j - first[jobs - 1] >= 64) {
        first[jobs++] = j;
        rows = 0;
      }
      rows += counts_[j];
    }
    first[jobs] = k;
    workers.forEach(jobs, [&](int64_t job, int) {
      for (int64_t j = first[job]; j < first[job + 1]; j++) {
        if (counts_[j] > 0 && counts_[j] <= kPiece) sumShort(j);
      }
    });
    Buffer<int64_t> sums(x_.cols);
    for (int64_t j = 0; j < k; j++) {
      if (counts_[j] > kPiece) sumLong(workers, j, sums.data());
    }
  }

 private:
  void sumRows(int64_t from, int64_t to, int64_t column, int64_t columns, int64_t* sum) const {
    for (int64_t t = 0; t < columns; t++) sum[t] = 0;
    for (int64_t p = from; p < to; p++) {
      if (p + 4 < to) prefetchRow(x_.row(order_[p + 4]) + column, columns);
      addRow(x_.row(order_[p]) + column, columns, scale_, sum);
    }
  }

  void write(int64_t j, int64_t column, int64_t columns, const int64_t* sum) const {
    float* to = centroids_.row(j) + column;
    for (int64_t t = 0; t < columns; t++) {
      to[t] =
          static_cast<float>(static_cast<double>(sum[t]) * unit_ / static_cast<double>(counts_[j]));
    }
  }

  void sumShort(int64_t j) const {
    alignas(64) int64_t sum[kColumns];
    for (int64_t column = 0; column < x_.cols; column += kColumns) {
      const int64_t left = x_.cols - column, columns = left < kColumns ? left : kColumns;
      sumRows(start_[j], start_[j + 1], column, columns, sum);
      write(j, column, columns, sum);
    }
  }

  void sumLong(Workers& workers, int64_t j, int64_t* sums) const {
    for (int64_t t = 0; t < x_.cols; t++) sums[t] = 0;
    const int64_t pieces = (counts_[j] + kPiece - 1) / kPiece;
    const int64_t slices = (x_.cols + kColumns - 1) / kColumns;
    workers.forEach(pieces * slices, [&](int64_t job, int) {
      alignas(64) int64_t sum[kColumns];
      const int64_t column = job % slices * kColumns, left = x_.cols - column;
      const int64_t columns = left < kColumns ? left : kColumns;
      const int64_t from = start_[j] + job / slices * kPiece;
      sumRows(from, from + kPiece < start_[j + 1] ? from + kPiece : start_[j + 1], column, columns,
              sum);
      for (int64_t t = 0; t < columns; t++) {
        __atomic_fetch_add(&sums[column + t], sum[t], __ATOMIC_RELAXED);
      }
    });
    write(j, 0, x_.cols, sums);
  }

  ConstMatrix x_;
  Matrix centroids_;
  int64_t* counts_;
  double scale_, unit_;
  Buffer<int64_t> start_, order_;  // rows of cluster j: order_[start_[j] .. start_[j + 1])
};

}  // namespace

void kmeans_update(Workers& workers, ConstMatrix x, const int32_t* labels, Matrix centroids,
                   int64_t* counts) {
  float largest = 0;
  largest_magnitude(workers, x, "x", &largest);
  const int shift = fixedPointShift(x.rows, largest);
  Update(x, labels, centroids, counts, shift).run(workers);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
