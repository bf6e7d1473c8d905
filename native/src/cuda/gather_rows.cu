#include <algorithm>

#include "cuda/device_array.h"
#include "cuda/gather_rows.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

__global__ void gatherRowsKernel(ConstMatrix x, const int64_t* ids, Matrix to) {
  for (int64_t p = warpOfGrid(); p < to.rows; p += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) rowAt(to, p)[t] = rowAt(x, ids[p])[t];
  }
}

void gatherRows(CudaState& state, ConstMatrix x, const int64_t* ids, Matrix to) {
  DC4J_LAUNCH(gatherRowsKernel, blocksForLoop(to.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              x, ids, to);
}

void gatherRows(CudaState& state, ConstMatrix x, const std::vector<int64_t>& ids, Matrix to) {
  const auto count = static_cast<int64_t>(ids.size());
  if (count == 0 || x.cols == 0) return;
  if (state.placeOf(x.data) != Place::host) {
    DeviceArray<int64_t> there(state, count);
    state.copy(there.data(), ids.data(), count * static_cast<int64_t>(sizeof(int64_t)));
    gatherRows(state, x, there.data(), to);
    return state.synchronize();
  }
  const auto width = static_cast<size_t>(x.cols);
  std::vector<float> dense(ids.size() * width);
  for (size_t p = 0; p < ids.size(); p++) {
    std::copy_n(x.data + ids[p] * x.stride, width, dense.data() + p * width);
  }
  const size_t bytes = width * sizeof(float);
  check(cudaMemcpy2DAsync(to.data, static_cast<size_t>(to.stride) * sizeof(float), dense.data(),
                          bytes, bytes, ids.size(), cudaMemcpyDefault, state.stream()),
        "copying rows");
  state.synchronize();
}

}  // namespace cuda
}  // namespace dc4j
