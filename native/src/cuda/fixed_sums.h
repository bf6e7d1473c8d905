// Sums of rows in fixed point (core/fixed_point.h) by cluster, on the device: integers, so that the
// order of atomics does not matter.
#pragma once
#include "core/view.h"
#include "cuda/first_bad_row.h"

namespace dc4j {
namespace cuda {

/** max |x| of a matrix of either place; rows with NaN or infinity go to `bad`. Waits. */
float largestMagnitude(CudaState& state, ConstMatrix x, FirstBadRow& bad);

/** Where rows are added up. All arrays lie on the device. */
struct FixedSums {
  int64_t* sums;    // [k x d]
  int64_t* counts;  // [k]
  int64_t d;
  double scale;  // 2^s
};

/** Takes the rows of x that changed cluster from before[i] to after[i]; -1 is none. x is on the
 * device. Queued. @param moved [1] gains how many they are */
void moveRows(CudaState& state, ConstMatrix x, const int32_t* before, const int32_t* after,
              FixedSums to, int64_t* moved);

/** Adds all rows of x to the clusters labels[i] of k; -1 is none. x is on the device. Queued. */
void addSorted(CudaState& state, ConstMatrix x, const int32_t* labels, int64_t k, FixedSums to);

}  // namespace cuda
}  // namespace dc4j
