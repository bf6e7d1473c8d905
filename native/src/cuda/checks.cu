#include "cuda/checks.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** A warp a row. */
__global__ void findNotFiniteKernel(ConstMatrix x, int64_t first, int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    bool finite = true;
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) {
      finite = finite && isfinite(rowAt(x, i)[t]);
    }
    if (ballotOfWarp(!finite) != 0 && laneOf() == 0) atomicLeast(bad, first + i);
  }
}

void findNotFinite(CudaState& state, ConstMatrix x, int64_t first, FirstBadRow& bad) {
  DC4J_LAUNCH(findNotFiniteKernel, blocksForLoop(x.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              x, first, bad.data());
}

template <typename T>
__global__ void findOutsideKernel(const T* values, int64_t n, int64_t lowest, int64_t end,
                                  int64_t* bad) {
  for (int64_t i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    if (values[i] < lowest || values[i] >= end) atomicLeast(bad, i);
  }
}

template <typename T>
int64_t findOutside(CudaState& state, const T* values, int64_t n, int64_t lowest, int64_t end) {
  FirstBadRow bad(state);
  DC4J_LAUNCH(findOutsideKernel<T>, blocksForLoop(n, kBlock), kBlock, 0, state.stream(), values, n,
              lowest, end, bad.data());
  return bad.row();
}

template int64_t findOutside<int32_t>(CudaState&, const int32_t*, int64_t, int64_t, int64_t);
template int64_t findOutside<int64_t>(CudaState&, const int64_t*, int64_t, int64_t, int64_t);

int64_t CudaState::firstOutside(const int32_t* values, int64_t n, int64_t lowest, int64_t end) {
  return findOutside(*this, values, n, lowest, end);
}

int64_t CudaState::firstOutside(const int64_t* values, int64_t n, int64_t lowest, int64_t end) {
  return findOutside(*this, values, n, lowest, end);
}

}  // namespace cuda
}  // namespace dc4j
