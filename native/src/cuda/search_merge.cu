// Lists of neighbours of a search in pieces (search_pieces.h). A warp a row.
#include <cmath>

#include "cuda/exact_score.h"
#include "cuda/scored_order.h"
#include "cuda/search_pieces.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

__global__ void clearListsKernel(NeighbourLists lists, int64_t entries) {
  for (int64_t p = threadOfGrid(); p < entries; p += threadsOfGrid()) {
    lists.best[p] = {INFINITY, -1};
    if (lists.distances != nullptr) lists.distances[p] = INFINITY;
  }
}

void clearLists(CudaState& state, const NeighbourLists& lists, int64_t rows) {
  const int64_t entries = rows * lists.neighbours;
  DC4J_LAUNCH(clearListsKernel, blocksForLoop(entries, kBlock), kBlock, 0, state.stream(), lists,
              entries);
}

/** How many of a sorted list come before an entry, `with_equal` ones included. */
__device__ inline int64_t countBefore(const Scored* list, int64_t count, const Scored& entry,
                                      bool with_equal) {
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    const bool before = with_equal ? !isNearer(entry, list[middle]) : isNearer(list[middle], entry);
    if (before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** An entry of the piece, its id that of the base; beyond those found, none. */
__device__ inline Scored inBase(const Scored& found, int64_t first) {
  return {found.score, found.id < 0 ? -1 : found.id + first};
}

__global__ void mergeListsKernel(PieceResult result, NeighbourLists from, NeighbourLists to) {
  const ConstMatrix x = result.found.chunk.x;
  const int64_t m = from.neighbours, count = result.found.neighbours;
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    const Scored* found = result.found.best + i * count;
    const int64_t list = (result.row + i) * m;
    const Scored* before = from.best + list;
    for (int64_t p = laneOf(); p < m; p += kWarp) {
      // Within the piece ids begin at 0, and none of the list is of the piece.
      Scored entry = before[p];
      if (entry.id >= 0) entry.id -= result.first;
      const int64_t place = p + countBefore(found, count, entry, false);
      if (place >= m) break;
      to.best[list + place] = before[p];
      if (to.distances != nullptr) to.distances[list + place] = from.distances[list + p];
    }
    for (int64_t q = 0; q < count; q++) {
      const Scored entry = inBase(found[q], result.first);
      const int64_t place = q + countBefore(before, m, entry, true);
      if (place >= m) break;
      if (laneOf() == 0) to.best[list + place] = entry;
      if (to.distances == nullptr) continue;
      const double distance =
          exactSquaredDistance(rowAt(x, i), rowAt(result.piece, found[q].id), x.cols);
      if (laneOf() == 0) to.distances[list + place] = static_cast<float>(distance);
    }
  }
}

void mergeLists(CudaState& state, const PieceResult& result, const NeighbourLists& from,
                const NeighbourLists& to) {
  DC4J_LAUNCH(mergeListsKernel, blocksForLoop(result.found.chunk.x.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), result, from, to);
}

__global__ void readIdsKernel(NeighbourLists lists, int64_t entries, int64_t* ids) {
  for (int64_t p = threadOfGrid(); p < entries; p += threadsOfGrid()) ids[p] = lists.best[p].id;
}

void readIds(CudaState& state, const NeighbourLists& lists, int64_t rows, int64_t* ids) {
  const int64_t entries = rows * lists.neighbours;
  DC4J_LAUNCH(readIdsKernel, blocksForLoop(entries, kBlock), kBlock, 0, state.stream(), lists,
              entries, ids);
}

}  // namespace cuda
}  // namespace dc4j
