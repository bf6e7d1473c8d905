#include "cuda/named_rows.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** A warp a label. */
__global__ void findNotFiniteNamedKernel(ConstMatrix matrix, const int32_t* labels, int64_t n,
                                         int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < n; i += warpsOfGrid()) {
    const int64_t row = labels[i];
    if (row < 0) continue;
    bool finite = true;
    for (int64_t t = laneOf(); t < matrix.cols; t += kWarp) {
      finite = finite && isfinite(rowAt(matrix, row)[t]);
    }
    if (ballotOfWarp(!finite) != 0 && laneOf() == 0) atomicLeast(bad, row);
  }
}

void findNotFiniteNamed(CudaState& state, ConstMatrix matrix, const int32_t* labels, int64_t n,
                        FirstBadRow& bad) {
  DC4J_LAUNCH(findNotFiniteNamedKernel, blocksForLoop(n, kBlock / kWarp), kBlock, 0, state.stream(),
              matrix, labels, n, bad.data());
}

}  // namespace cuda
}  // namespace dc4j
