// The kernels of kmeans_follow, queued. All arrays lie on the device.
#pragma once
#include "cuda/device_array.h"
#include "cuda/gather_rows.h"
#include "cuda/search_results.h"

namespace dc4j {
namespace cuda {

struct MovedCentroids {
  int64_t* ids;     // [k] ascending, the first `count` of them
  int32_t* places;  // [k] place among ids, or -1: has the same bits as before
  int64_t* count;   // [1]
};

void findMoved(CudaState& state, ConstMatrix centroids, ConstMatrix previous,
               const MovedCentroids& to);

struct RowGroups {
  ConstMatrix x;  // of a chunk
  ConstMatrix centroids, previous;
  const int32_t* labels;  // [x.rows]
  MovedCentroids moved;
  int64_t* some;    // [x.rows] rows that meet the moved centroids and their own; any order
  int64_t* all;     // [x.rows] rows that meet all
  int64_t* counts;  // [2] of both, 0 before
};

void groupRows(CudaState& state, const RowGroups& groups);

/** labels, from the first row of the whole: the better of the nearest moved one and the own one. */
void takeMoved(CudaState& state, const SearchResult& result, const MovedCentroids& moved,
               ConstMatrix centroids, int32_t* labels);

}  // namespace cuda
}  // namespace dc4j
