// The checks of core/checks.h for what lies on the device; queued, the row is asked for later.
#pragma once
#include "core/view.h"
#include "cuda/first_bad_row.h"

namespace dc4j {
namespace cuda {

/** Reports rows of x [n x d] with NaN or infinity to `bad`, as row `first` + i. */
void findNotFinite(CudaState& state, ConstMatrix x, int64_t first, FirstBadRow& bad);

/** The first i with values[i] outside [lowest, end), or -1; waits. */
template <typename T>
int64_t findOutside(CudaState& state, const T* values, int64_t n, int64_t lowest, int64_t end);

}  // namespace cuda
}  // namespace dc4j
