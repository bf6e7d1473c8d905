// The coarse pass of a search on Hopper's tensor cores and copy engine.
#pragma once
#include "cuda/search_parts.h"

namespace dc4j {
namespace cuda {
namespace hopper {

/** As dc4j::cuda::coarsePass. Only where CudaState::hopper(). */
void coarsePass(CudaState& state, const Rounded& rows, const Columns& columns, const Coarse& to);

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
