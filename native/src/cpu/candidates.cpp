#include "cpu/candidates.h"

#include <algorithm>
#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/lanes.h"
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct Bounded {
  float lower, upper;
};

static bool better(const Scored& a, const Scored& b) {
  return a.score < b.score || (a.score == b.score && a.id < b.id);
}

/** `next`: the row that is read after this one, anywhere in memory; or NULL. */
static Scored scoreOf(const SearchBase& base, const SearchRow& row, int64_t id,
                      const float* next = nullptr) {
  const ConstMatrix rows = base.rows();
  if (row.within >= 0) {
    if (next != nullptr) prefetchRow(next, rows.cols);
    return {exactSquaredDistance(row.x, rows.row(id), rows.cols), id};
  }
  return {base.squaredNorm(id) - 2 * exactDot(row.x, rows.row(id), rows.cols, next), id};
}

/** x.c in fp32, in any order. */
static float fastDot(const float* x, const float* c, int64_t d) {
  constexpr int kSums = 4;
  Floats sum[kSums] = {};
  int64_t t = 0;
  for (; t + kSums * kLanes <= d; t += kSums * kLanes) {
    for (int s = 0; s < kSums; s++) {
      sum[s] += *reinterpret_cast<const Floats*>(x + t + s * kLanes) *
                *reinterpret_cast<const Floats*>(c + t + s * kLanes);
    }
  }
  for (; t + kLanes <= d; t += kLanes) {
    sum[0] += *reinterpret_cast<const Floats*>(x + t) * *reinterpret_cast<const Floats*>(c + t);
  }
  float total = sumOf((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; t < d; t++) total += x[t] * c[t];
  return total;
}

int64_t candidateCapacity(int64_t neighbours) { return 2 * neighbours + 62; }

void openCandidates(Candidates& list, float* threshold) {
  list.count = 0;
  list.effort = Effort();
  for (int64_t p = 0; p < list.neighbours; p++) list.lower[p] = kNoThreshold;
  *threshold = kNoThreshold;
}

/** Replaces the smallest of the heap. */
static void replaceLowest(float* heap, int64_t size, float value) {
  int64_t hole = 0;
  for (;;) {
    int64_t child = 2 * hole + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= value) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = value;
}

static void dropBelow(Candidates& list, float threshold) {
  int64_t kept = 0;
  for (int64_t p = 0; p < list.count; p++) {
    if (!(list.upper[p] >= threshold)) continue;
    list.upper[kept] = list.upper[p];
    list.ids[kept++] = list.ids[p];
  }
  list.count = kept;
}

/** S of column id from an fp32 product, with search.h's bound for that format. */
static Bounded boundedScore(const SearchBase& base, const SearchRow& row, int64_t id) {
  const int64_t d = base.rows().cols;
  const FormatBound bound = boundOf(Format::fp32, d);
  const double square = base.squaredNorm(id);
  const double value = static_cast<double>(fastDot(row.x, base.rows().row(id), d)) - square / 2;
  const double error =
      bound.relative * (square / 2 + row.norm * std::sqrt(square)) + bound.absolute;
  return {static_cast<float>(value - error - row.slack), static_cast<float>(value + error)};
}

float leastWithin(const SearchBase& base, const SearchRow& row, double within) {
  const double error = directError(base.rows().cols);
  const double least = (row.norm * row.norm * (1 - error) - within * (1 + error)) / 2;
  if (!(least > static_cast<double>(kNoThreshold))) return kNoThreshold;
  return std::nextafter(static_cast<float>(least), -INFINITY);
}

float leastBest(const SearchBase& base, const SearchRow& row, int64_t id) {
  return base.inTile(id) ? boundedScore(base, row, id).lower : kNoThreshold;
}

/** The columns of a list lie anywhere. */
static inline void prefetchNext(const Candidates& list, const SearchBase& base, int64_t p) {
  if (p + 1 < list.count) prefetchRow(base.rows().row(list.ids[p + 1]), base.rows().cols);
}

/** Bounds from fp32 products in the place of the tiles': seldom is more than one candidate left to
 * score exactly. */
static void refine(Candidates& list, float* threshold, const SearchBase& base,
                   const SearchRow& row) {
  list.effort.refined += list.count;
  for (int64_t m = 0; m < list.neighbours; m++) list.lower[m] = kNoThreshold;
  for (int64_t p = 0; p < list.count; p++) {
    prefetchNext(list, base, p);
    const Bounded score = boundedScore(base, row, list.ids[p]);
    list.upper[p] = score.upper;
    if (score.lower > list.lower[0]) replaceLowest(list.lower, list.neighbours, score.lower);
  }
  if (list.lower[0] > *threshold) *threshold = list.lower[0];
  dropBelow(list, *threshold);
}

/** Too many within the bound: exact scores now; the best m stay with their S as both bounds. */
static void resolve(Candidates& list, float* threshold, const SearchBase& base,
                    const SearchRow& row, Scored* scratch) {
  list.effort.scored += list.count;
  for (int64_t p = 0; p < list.count; p++) scratch[p] = scoreOf(base, row, list.ids[p]);
  std::partial_sort(scratch, scratch + list.neighbours, scratch + list.count, better);
  list.count = list.neighbours;  // fewer than half of the capacity, hence fewer than there were
  for (int64_t p = 0; p < list.count; p++) {
    list.ids[p] = scratch[p].id;
    if (row.within >= 0) {  // one: neighbours is 1
      list.upper[p] = INFINITY;
      list.lower[p] = leastWithin(base, row, scratch[p].score);
      continue;
    }
    const float s = static_cast<float>(-scratch[p].score / 2);
    list.upper[p] = std::nextafter(s, INFINITY);
    list.lower[list.count - 1 - p] = std::nextafter(s, -INFINITY);  // ascending: a heap
  }
  if (list.lower[0] > *threshold) *threshold = list.lower[0];
}

void offerCandidate(Candidates& list, float* threshold, const SearchBase& base,
                    const SearchRow& row, int64_t id, float value, double error, Scored* scratch) {
  list.effort.offered++;
  const float upper = static_cast<float>(value + error);
  if (!(upper >= *threshold)) return;
  const float lower = static_cast<float>(value - error - row.slack);
  if (lower > list.lower[0]) {
    replaceLowest(list.lower, list.neighbours, lower);
    if (list.lower[0] > *threshold) *threshold = list.lower[0];
  }
  if (list.count == list.capacity) {
    dropBelow(list, *threshold);
    if (list.count > list.capacity - 32) refine(list, threshold, base, row);
    if (list.count > list.capacity - 32) resolve(list, threshold, base, row, scratch);
  }
  list.ids[list.count] = id;
  list.upper[list.count++] = upper;
}

int64_t decideCandidates(Candidates& list, float threshold, const SearchBase& base,
                         const SearchRow& row, Scored* scratch) {
  dropBelow(list, threshold);
  // Bounds cost a quarter of exact scores: for lists they pay where they drop a third.
  const int64_t few = list.neighbours + list.neighbours / 2;
  if (list.count > (list.neighbours > 1 ? few : 1) || (row.within >= 0 && list.count > 0)) {
    refine(list, &threshold, base, row);
  }
  if (list.count == 1 && list.neighbours == 1 && base.outliers() == 0) {
    scratch[0] = {0, list.ids[0]};
    return 1;
  }
  list.effort.scored += list.count;
  int64_t count = 0;
  for (int64_t p = 0; p < list.count; p++) {
    const float* next = p + 1 < list.count ? base.rows().row(list.ids[p + 1]) : nullptr;
    scratch[count++] = scoreOf(base, row, list.ids[p], next);
  }
  for (int64_t o = 0; o < base.outliers(); o++) {
    if (base.outlier(o) != row.exclude) scratch[count++] = scoreOf(base, row, base.outlier(o));
  }
  const int64_t wanted = std::min(count, list.neighbours);
  std::partial_sort(scratch, scratch + wanted, scratch + count, better);
  return wanted;
}

int64_t exactScratch(int64_t neighbours, int64_t columns) {
  return std::min(neighbours, columns) * 2 + 64;
}

int64_t decideByAll(int64_t neighbours, const SearchBase& base, const SearchRow& row,
                    Scored* scratch) {
  const int64_t columns = base.rows().rows, room = exactScratch(neighbours, columns);
  const int64_t wanted = std::min(neighbours, columns);
  int64_t count = 0;
  for (int64_t j = 0; j < columns; j++) {
    if (j == row.exclude) continue;
    if (count == room) {
      std::nth_element(scratch, scratch + wanted, scratch + count, better);
      count = wanted;
    }
    scratch[count++] = scoreOf(base, row, j);
  }
  std::sort(scratch, scratch + count, better);
  return std::min(count, wanted);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
