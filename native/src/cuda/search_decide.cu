// Decides what the coarse pass left open, by exact scores (search.h). A warp a row.
#include <cmath>

#include "cuda/exact_score.h"
#include "cuda/scored_order.h"
#include "cuda/search_bound.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 128;
constexpr int kGroupsAtOnce = 4;  // of 32 tiles

/** Bits that are ordered like the floats. */
__device__ inline unsigned orderOf(float value) {
  const unsigned bits = __float_as_uint(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

/** The m-th largest (best - E) over tiles, -infinity if there are fewer tiles: by its bits from the
 * top, counting the tiles that reach a candidate. */
__device__ float thresholdOf(const Columns& columns, const float* best, const RowBound& bound,
                             int64_t m) {
  if (m > columns.tiles) return -INFINITY;
  if (m == 1) return largestMargin(columns, best, bound);
  unsigned found = 0;
  for (int bit = 31; bit >= 0; bit--) {
    const unsigned wanted = found | 1u << bit;
    int reaching = 0;
    DC4J_UNROLL_BY(4)
    for (int64_t c = laneOf(); c < columns.tiles; c += kWarp) {
      reaching += orderOf(best[c] - errorOf(bound, columns, c)) >= wanted;
    }
    if (__reduce_add_sync(kAllLanes, reaching) >= m) found = wanted;
  }
  const unsigned bits = found & 0x80000000u ? found & 0x7fffffffu : ~found;
  return __uint_as_float(bits);
}

// In the emulation, both numbers take one turn.
__device__ inline Scored fromLaneOf(const Scored& value, int lane) {
#ifdef __CUDACC__
  return {fromLane(value.score, lane), fromLane(value.id, lane)};
#else
  return fromLane(value, lane);
#endif
}

/** The lane below's; lane 0 keeps its own. */
__device__ inline Scored shiftUp(const Scored& value) {
#ifdef __CUDACC__
  return {__shfl_up_sync(kAllLanes, value.score, 1), __shfl_up_sync(kAllLanes, value.id, 1)};
#else
  return __shfl_up_sync(kAllLanes, value, 1);
#endif
}

/** The best m of a row so far, nearest first. The first 32 are in registers, entry l in lane l, and
 * reach the list at the end; only what comes behind them is moved about in memory. */
struct Nearest {
  Scored* list;
  int64_t count, capacity;
  Scored mine;
  Scored worst;  // the last, once there are m; in every lane
};

/** Inserts behind the first 32, before the count-th; the last falls off where there are m. */
__device__ void keepInList(const Nearest& nearest, const Scored& scored) {
  const bool full = nearest.count == nearest.capacity;
  int64_t place = kWarp;
  for (int64_t p0 = kWarp; p0 < nearest.count; p0 += kWarp) {
    const int64_t p = p0 + laneOf();
    place += __popc(ballotOfWarp(p < nearest.count && isNearer(nearest.list[p], scored)));
  }
  for (int64_t high = full ? nearest.count - 1 : nearest.count; high > place; high -= kWarp) {
    const int64_t p = high - laneOf();
    Scored moved = {0, 0};
    if (p > place) moved = nearest.list[p - 1];
    __syncwarp();
    if (p > place) nearest.list[p] = moved;
    __syncwarp();
  }
  __syncwarp();  // all have read the entry that is written now
  if (laneOf() == 0) nearest.list[place] = scored;
  __syncwarp();
}

/** Keeps a scored column, the same in every lane, if it is among the best. No column comes twice.
 */
__device__ void keep(Nearest& nearest, const Scored& scored) {
  const bool full = nearest.count == nearest.capacity;
  if (full && !isNearer(scored, nearest.worst)) return;
  const int64_t held = nearest.count < kWarp ? nearest.count : kWarp;
  const int place = __popc(ballotOfWarp(laneOf() < held && isNearer(nearest.mine, scored)));
  Scored falling = scored;  // what does not stay in registers
  if (place < kWarp) {
    const Scored above = shiftUp(nearest.mine);
    if (held == kWarp) falling = fromLaneOf(nearest.mine, kWarp - 1);
    if (laneOf() > place) nearest.mine = above;
    if (laneOf() == place) nearest.mine = scored;
  }
  if (held == kWarp && nearest.capacity > kWarp) keepInList(nearest, falling);
  if (!full) nearest.count++;
  if (nearest.count < nearest.capacity) return;
  nearest.worst = nearest.capacity <= kWarp
                      ? fromLaneOf(nearest.mine, static_cast<int>(nearest.capacity - 1))
                      : nearest.list[nearest.capacity - 1];
}

/** All of the list in memory, filled up with none. */
__device__ inline void writeList(const Nearest& nearest) {
  if (laneOf() < nearest.count && laneOf() < kWarp) nearest.list[laneOf()] = nearest.mine;
  for (int64_t p = nearest.count + laneOf(); p < nearest.capacity; p += kWarp) {
    nearest.list[p] = {INFINITY, -1};
  }
}

/** A row on its way through the candidates, which are scored kFolded at a time. */
struct Row {
  const float* x;
  int64_t excluded;  // below 0: none
  Nearest nearest;
  int64_t waiting[kFolded];
  int waiting_count;
};

/** Scores of the columns that wait; lane l has that of column l / 4. */
__device__ double scoreWaiting(const Row& row, const Columns& columns) {
  const float* base[kFolded];
  double dots[kFolded];
  DC4J_UNROLL
  for (int p = 0; p < kFolded; p++) {
    base[p] = rowAt(columns.base, row.waiting[p < row.waiting_count ? p : 0]);
    dots[p] = 0;
  }
  for (int64_t t = laneOf(); t < columns.base.cols; t += kWarp) {
    const double x = row.x[t];
    DC4J_UNROLL
    for (int p = 0; p < kFolded; p++) {
      if (p < row.waiting_count) dots[p] += x * static_cast<double>(base[p][t]);
    }
  }
  return foldEight(dots);
}

/** Keeps the best of the columns that wait; none wait then. */
__device__ void settle(Row& row, const Columns& columns) {
  if (row.waiting_count == 0) return;
  const double dot = scoreWaiting(row, columns);
  int64_t id = -1;
  DC4J_UNROLL
  for (int p = 0; p < kFolded; p++) {
    if (p == laneOf() / 4 && p < row.waiting_count) id = row.waiting[p];
  }
  row.waiting_count = 0;
  // Rows that are not finite are refused afterwards; until then their scores must have an order.
  const double value = id < 0 ? INFINITY : columns.rounded.square[id] - 2 * dot;
  const Scored scored = {isnan(value) ? INFINITY : value, id};
  Nearest& nearest = row.nearest;
  const bool full = nearest.count == nearest.capacity;
  const bool wanted = id >= 0 && laneOf() % 4 == 0 && (!full || isNearer(scored, nearest.worst));
  for (unsigned left = ballotOfWarp(wanted); left != 0; left &= left - 1) {
    keep(nearest, fromLaneOf(scored, __ffs(static_cast<int>(left)) - 1));
  }
}

__device__ inline void score(Row& row, const Columns& columns, int64_t j) {
  if (j == row.excluded) return;
  DC4J_UNROLL
  for (int p = 0; p < kFolded; p++) {
    if (p == row.waiting_count) row.waiting[p] = j;
  }
  if (++row.waiting_count == kFolded) settle(row, columns);
}

/** The columns of a tile that may be among the best: one, or all. */
__device__ void scoreTile(Row& row, const Columns& columns, int64_t tile, bool all, int column) {
  const int64_t from = tile * kTileColumns;
  for (int s = all ? 0 : column; s < (all ? kTileColumns : column + 1); s++) {
    if (columns.bias[from + s] != kNoTile) score(row, columns, from + s);
  }
}

__device__ void scoreCandidates(Row& row, const Decision& d, int64_t i) {
  const Columns& columns = d.columns;
  const RowBound bound = boundOf(d.rows, i);
  const float* best = d.coarse.best + i * columns.stride;
  const float* second = d.coarse.second + i * columns.stride;
  const float threshold =
      thresholdOf(columns, best, bound, d.neighbours + (row.excluded >= 0 ? 1 : 0));
  // What a row has of several groups of tiles is fetched at once: a candidate in one of them does
  // not keep the others waiting.
  for (int64_t c0 = 0; c0 < columns.tiles; c0 += kGroupsAtOnce * kWarp) {
    bool some[kGroupsAtOnce], many[kGroupsAtOnce];
    int column[kGroupsAtOnce];
    DC4J_UNROLL
    for (int g = 0; g < kGroupsAtOnce; g++) {
      const int64_t mine = c0 + g * kWarp + laneOf();
      some[g] = many[g] = false;
      column[g] = 0;
      if (mine >= columns.tiles) continue;
      const float error = errorOf(bound, columns, mine);
      column[g] = static_cast<int>(__float_as_uint(best[mine]) & kColumnBits);
      some[g] = best[mine] + error >= threshold;
      many[g] = some[g] && second[mine] + error >= threshold;
    }
    DC4J_UNROLL
    for (int g = 0; g < kGroupsAtOnce; g++) {
      const unsigned more = ballotOfWarp(many[g]);
      for (unsigned left = ballotOfWarp(some[g]); left != 0; left &= left - 1) {
        const int lane = __ffs(static_cast<int>(left)) - 1;
        scoreTile(row, columns, c0 + g * kWarp + lane, (more >> lane & 1) != 0,
                  fromLane(column[g], lane));
      }
    }
  }
  const int outliers = *columns.outlier_count;
  for (int o = 0; o < outliers; o++) score(row, columns, columns.outliers[o]);
}

__global__ void decideKernel(Decision d) {
  const int64_t count = d.open == nullptr ? d.rows.rows : *d.open_count;
  for (int64_t p = warpOfGrid(); p < count; p += warpsOfGrid()) {
    const int64_t i = d.open == nullptr ? p : d.open[p];
    const int64_t place = d.picked == nullptr ? i : d.picked[i];
    Row row = {rowAt(d.x, place), -1, {d.best + i * d.neighbours, 0, d.neighbours, {}, {}}, {}, 0};
    if (d.exclude != nullptr) row.excluded = d.exclude[place] - d.base_first;
    if (d.exclude_itself) row.excluded = d.first + place - d.base_first;
    if (row.excluded >= d.columns.rounded.rows) row.excluded = -1;
    if (d.tiles && d.rows.norm[i] <= kLargestRow) {
      scoreCandidates(row, d, i);
    } else {
      for (int64_t j = 0; j < d.columns.rounded.rows; j++) score(row, d.columns, j);
    }
    settle(row, d.columns);
    writeList(row.nearest);
  }
}

void decide(CudaState& state, const Decision& decision) {
  if (decision.open != nullptr) decideSingles(state, decision);
  DC4J_LAUNCH(decideKernel, blocksForLoop(decision.rows.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), decision);
}

}  // namespace cuda
}  // namespace dc4j
