// Rows whose label changed go from the sums of one cluster to those of another, in fixed point
// (core/fixed_point.h). x [n x d], sums [k x d], counts [k]; one pass over the rows that changed.
// Where no row had a label before, rows are summed cluster by cluster (label_sums.h). Else workers
// share out the columns, and where there are more workers than stretches of columns the clusters:
// nothing is written by two. Judge: reference/kmeans_move.cpp, same bits.
#include "cpu/label_sums.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kLeastColumns = 64;

/** Starts loading a stretch of sums, written soon. */
void prefetchSum(const int64_t* sum, int64_t columns) {
  for (int64_t t = 0; sum != nullptr && t < columns; t += 8) __builtin_prefetch(sum + t, 1);
}

/** What one job moves: the columns [column, column + columns) of clusters [first, last). */
struct Part {
  int64_t column, columns, first, last;
};

void movePart(ConstMatrix x, const int32_t* before, const int32_t* after, const int64_t* changed,
              int64_t count, double scale, const Part& part, int64_t* sums) {
  const auto sumOfCluster = [&](int64_t label) {
    return label < part.first || label >= part.last ? nullptr : sums + label * x.cols + part.column;
  };
  for (int64_t p = 0; p < count; p++) {
    if (p + 4 < count) prefetchRow(x.row(changed[p + 4]) + part.column, part.columns);
    if (p + 1 < count) {
      prefetchSum(sumOfCluster(before[changed[p + 1]]), part.columns);
      prefetchSum(sumOfCluster(after[changed[p + 1]]), part.columns);
    }
    const int64_t i = changed[p];
    int64_t* from = sumOfCluster(before[i]);
    int64_t* to = sumOfCluster(after[i]);
    if (from == nullptr && to == nullptr) continue;
    moveRow(x.row(i) + part.column, part.columns, scale, from, to);
  }
}

bool noneIsPlaced(const int32_t* before, int64_t n) {
  for (int64_t from = 0; from < n; from += 4096) {
    int32_t all = -1;  // keeps its sign bit while none of a stretch is placed
    for (int64_t i = from; i < n && i < from + 4096; i++) all &= before[i];
    if (all >= 0) return false;
  }
  return true;
}

void placeAll(Workers& workers, ConstMatrix x, const int32_t* labels, int64_t clusters, int shift,
              int64_t* sums, int64_t* counts, int64_t* moved) {
  const LabelSums placed(workers, x, labels, clusters, shift);
  *moved = 0;
  for (int64_t j = 0; j < clusters; j++) {
    counts[j] += placed.count(j);
    *moved += placed.count(j);
  }
  placed.each(workers, [&](int64_t j, int64_t column, int64_t columns, const int64_t* sum) {
    int64_t* to = sums + j * x.cols + column;
    for (int64_t t = 0; t < columns; t++) to[t] += sum[t];
  });
}

}  // namespace

void kmeans_move(Workers& workers, ConstMatrix x, const int32_t* before, const int32_t* after,
                 int64_t clusters, int shift, int64_t* sums, int64_t* counts, int64_t* moved) {
  if (noneIsPlaced(before, x.rows)) {
    placeAll(workers, x, after, clusters, shift, sums, counts, moved);
    return;
  }
  Buffer<int64_t> changed(x.rows);
  int64_t count = 0;
  for (int64_t i = 0; i < x.rows; i++) {
    changed[count] = i;
    count += before[i] != after[i];
  }
  *moved = count;
  for (int64_t p = 0; p < count; p++) {
    const int32_t from = before[changed[p]], to = after[changed[p]];
    if (from >= 0) counts[from]--;
    if (to >= 0) counts[to]++;
  }
  const int64_t threads = workers.threads();
  int64_t slices = x.cols / kLeastColumns;
  slices = slices < 1 ? 1 : slices > threads ? threads : slices;
  const int64_t width = (x.cols + slices - 1) / slices;
  const int64_t ranges = (threads + slices - 1) / slices;
  const int64_t height = (clusters + ranges - 1) / ranges;
  const double scale = std::ldexp(1.0, shift);
  workers.forEach(slices * ranges, [&](int64_t job, int) {
    const int64_t column = job % slices * width, left = x.cols - column;
    const int64_t first = job / slices * height;
    if (left <= 0) return;
    movePart(x, before, after, changed.data(), count, scale,
             {column, left < width ? left : width, first, first + height}, sums);
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
