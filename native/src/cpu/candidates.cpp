#include "cpu/candidates.h"

#include <algorithm>
#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/lanes.h"
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Columns whose fp32 products are taken in one pass over a row. */
constexpr int kTogether = 4;

struct Bounded {
  float lower, upper;
};

static bool better(const Scored& a, const Scored& b) {
  return a.score < b.score || (a.score == b.score && a.id < b.id);
}

static double squaredDistance(const SearchBase& base, const SearchRow& row, int64_t id) {
  return exactSquaredDistance(row.x, base.rows().row(id), base.rows().cols);
}

/** `next`: the row that is read after this one, anywhere in memory; or NULL. */
static Scored scoreOf(const SearchBase& base, const SearchRow& row, int64_t id,
                      const float* next = nullptr) {
  const ConstMatrix rows = base.rows();
  const float* c = rows.row(id);
  if (row.within >= 0) {
    if (next != nullptr) prefetchRow(next, rows.cols);
    const double squared = exactSquaredDistance(row.x, c, rows.cols);
    return {squared, id, squared};
  }
  double squared = 0;
  const double dot = row.squared ? exactDotAndDistance(row.x, c, rows.cols, next, &squared)
                                 : exactDot(row.x, c, rows.cols, next);
  return {base.squaredNorm(id) - 2 * dot, id, squared};
}

/** dots[i] = x.c_i in fp32, in any order. */
template <int kRows>
static void fastDots(const float* x, const float* const* c, int64_t d, float* dots) {
  constexpr int kSums = 4 / kRows;  // sums in flight for each row
  Floats sum[kRows][kSums] = {};
  int64_t t = 0;
  for (; t + kSums * kLanes <= d; t += kSums * kLanes) {
    for (int s = 0; s < kSums; s++) {
      const Floats at = *reinterpret_cast<const Floats*>(x + t + s * kLanes);
      for (int i = 0; i < kRows; i++) {
        sum[i][s] += at * *reinterpret_cast<const Floats*>(c[i] + t + s * kLanes);
      }
    }
  }
  for (; t + kLanes <= d; t += kLanes) {
    const Floats at = *reinterpret_cast<const Floats*>(x + t);
    for (int i = 0; i < kRows; i++) sum[i][0] += at * *reinterpret_cast<const Floats*>(c[i] + t);
  }
  for (int i = 0; i < kRows; i++) {
    for (int s = 1; s < kSums; s++) sum[i][0] += sum[i][s];
    dots[i] = sumOf(sum[i][0]);
    for (int64_t e = t; e < d; e++) dots[i] += x[e] * c[i][e];
  }
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

/** S of columns from fp32 products, with search.h's bound for that format. */
template <int kRows>
static void boundScores(const SearchBase& base, const SearchRow& row, const int64_t* ids,
                        Bounded* scores) {
  const int64_t d = base.rows().cols;
  const FormatBound bound = boundOf(Format::fp32, d);
  const float* columns[kRows];
  float dots[kRows];
  for (int i = 0; i < kRows; i++) columns[i] = base.rows().row(ids[i]);
  fastDots<kRows>(row.x, columns, d, dots);
  for (int i = 0; i < kRows; i++) {
    const double half = base.squaredNorm(ids[i]) / 2;
    const double value = static_cast<double>(dots[i]) - half;
    const double error = bound.relative * (half + row.norm * base.norm(ids[i])) + bound.absolute;
    scores[i] = {static_cast<float>(value - error - row.slack), static_cast<float>(value + error)};
  }
}

float leastWithin(const SearchBase& base, const SearchRow& row, double within) {
  const double error = directError(base.rows().cols);
  const double least = (row.norm * row.norm * (1 - error) - within * (1 + error)) / 2;
  if (!(least > static_cast<double>(kNoThreshold))) return kNoThreshold;
  return std::nextafter(static_cast<float>(least), -INFINITY);
}

float leastBest(const SearchBase& base, const SearchRow& row, int64_t id) {
  if (!base.inTile(id)) return kNoThreshold;
  Bounded score;
  boundScores<1>(base, row, &id, &score);
  return score.lower;
}

/** The columns of a list lie anywhere: starts the loads of up to `count` from place p on. */
static inline void prefetchColumns(const Candidates& list, const SearchBase& base, int64_t p,
                                   int64_t count) {
  for (int64_t i = p; i < p + count && i < list.count; i++) {
    prefetchRow(base.rows().row(list.ids[i]), base.rows().cols);
  }
}

/** Bounds from fp32 products in the place of the tiles': seldom is more than one candidate left to
 * score exactly. */
static void refine(Candidates& list, float* threshold, const SearchBase& base,
                   const SearchRow& row) {
  list.effort.refined += list.count;
  for (int64_t m = 0; m < list.neighbours; m++) list.lower[m] = kNoThreshold;
  prefetchColumns(list, base, 1, kTogether - 1);
  for (int64_t p = 0; p < list.count;) {
    Bounded scores[kTogether];
    const int64_t left = list.count - p, now = left > kTogether / 2 ? kTogether : 1;
    prefetchColumns(list, base, p + now, kTogether);
    if (now == 1) {
      boundScores<1>(base, row, list.ids + p, scores);
    } else {
      int64_t ids[kTogether];  // the last one again where there are fewer
      for (int64_t i = 0; i < kTogether; i++) ids[i] = list.ids[p + (i < left ? i : left - 1)];
      boundScores<kTogether>(base, row, ids, scores);
    }
    for (int64_t i = 0; i < now && i < left; i++, p++) {
      list.upper[p] = scores[i].upper;
      const float lower = scores[i].lower;
      if (lower > list.lower[0]) replaceLowest(list.lower, list.neighbours, lower);
    }
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
    scratch[0] = {0, list.ids[0], 0};
    if (row.squared) scratch[0].squared = squaredDistance(base, row, list.ids[0]);
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
  SearchRow by_score = row;
  by_score.squared = false;  // of all columns, it would double the work
  for (int64_t j = 0; j < columns; j++) {
    if (j == row.exclude) continue;
    if (count == room) {
      std::nth_element(scratch, scratch + wanted, scratch + count, better);
      count = wanted;
    }
    scratch[count++] = scoreOf(base, by_score, j);
  }
  std::sort(scratch, scratch + count, better);
  if (count > wanted) count = wanted;
  for (int64_t p = 0; row.squared && p < count; p++) {
    scratch[p].squared = squaredDistance(base, row, scratch[p].id);
  }
  return count;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
