// Single rows of a matrix side by side on the device.
#pragma once
#include <vector>

#include "core/view.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {

/** to [count x d] = rows ids [count] of x; all on the device. Queued. */
void gatherRows(CudaState& state, ConstMatrix x, const int64_t* ids, Matrix to);

/** The same for x of either place and ids of the host. Waits. */
void gatherRows(CudaState& state, ConstMatrix x, const std::vector<int64_t>& ids, Matrix to);

}  // namespace cuda
}  // namespace dc4j
