// The candidates of one row of a search: what may still be among its m best (search.h has the
// proof).
#pragma once
#include "cpu/prefetch.h"
#include "cpu/search_base.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct Scored {
  double score;
  int64_t id;
  double squared;  // distance; where SearchRow asks for it
};

/** A row, and who its candidates are scored against. */
struct SearchRow {
  const float* x;
  double norm;  // |x|
  int64_t exclude;
  double within;         // < 0: by exact score; else by direct distance below this one
  double slack;          // how far the S of the nearest by that may lie below another's; slackOf
  bool squared = false;  // whether Scored::squared is wanted
};

/** Twice the relative error of a direct squared distance in fp64. */
inline double directError(int64_t d) { return 2 * static_cast<double>(d + 16) * 0x1p-53; }

inline double slackOf(double within, int64_t d) {
  return within < 0 ? 0 : 2 * directError(d) * within;
}

/** How much was left to decide after the tiles, for the choice of a format. */
struct Effort {
  int64_t offered = 0, refined = 0, scored = 0;  // columns
  void add(const Effort& other) {
    offered += other.offered;
    refined += other.refined;
    scored += other.scored;
  }
};

/** Memory of one row's list; `threshold` lies with the other rows' ones. */
struct Candidates {
  int64_t neighbours, capacity, count;
  int64_t* ids;   // [capacity]
  float* upper;   // [capacity] upper bounds of S
  float* lower;   // [neighbours] min-heap of the largest lower bounds of S seen
  Effort effort;  // since openCandidates
};

/** Before any column; below every S a tile can give. */
constexpr float kNoThreshold = -1e38f;

int64_t candidateCapacity(int64_t neighbours);

void openCandidates(Candidates& list, float* threshold);

/** A bound that the S of every column within a squared distance of the row reaches. */
float leastWithin(const SearchBase& base, const SearchRow& row, double within);

/** A bound that the S of a row's nearest column reaches, given some column id; kNoThreshold where
 * id is in no tile. */
float leastBest(const SearchBase& base, const SearchRow& row, int64_t id);

/** Puts a column whose S is at most `upper`, above the threshold, on the list; false where that is
 * full. */
inline bool keepCandidate(Candidates& list, int64_t id, float upper) {
  if (list.count == list.capacity) return false;
  list.effort.offered++;
  list.ids[list.count] = id;
  list.upper[list.count++] = upper;
  return true;
}

/** Offers column `id`, not the excluded one, with tile value `value` >= threshold - error.
 * `scratch` [capacity]. */
void offerCandidate(Candidates& list, float* threshold, const SearchBase& base,
                    const SearchRow& row, int64_t id, float value, double error, Scored* scratch);

/** The best of the list and the outliers, lowest (score, id) first, into scratch [capacity +
 * outliers]; returns how many, at most neighbours. */
int64_t decideCandidates(Candidates& list, float threshold, const SearchBase& base,
                         const SearchRow& row, Scored* scratch);

/** The same from the exact scores of all columns. scratch [exactScratch()]. */
int64_t decideByAll(int64_t neighbours, const SearchBase& base, const SearchRow& row,
                    Scored* scratch);
int64_t exactScratch(int64_t neighbours, int64_t columns);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
