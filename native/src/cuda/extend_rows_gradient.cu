// gradient_i += (g_i - (g_i.s_i) s_i) / |v_i| with v and s of extend_rows and g the gradient of the
// supports. x, support_gradient, gradient [n x d], memory [k x d]; a warp a row. Nothing is written
// unless all is finite. Judge: reference/extend_rows_gradient.cpp, same bits.
#include <cmath>

#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/extended_row.h"
#include "cuda/named_rows.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

__global__ void extendRowsGradientKernel(ConstMatrix x, Extension extension,
                                         ConstMatrix support_gradient, Matrix gradient) {
  const int64_t d = x.cols;
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    const RowExtension row = extensionOf(rowAt(x, i), extension, i);
    const float* g = rowAt(support_gradient, i);
    double squares = 0, dot = 0;
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const double v = extended(row, t);
      squares += v * v;
      dot += static_cast<double>(g[t]) * v;
    }
    squares = foldLanes(squares);
    dot = foldLanes(dot);
    if (!(squares > 0)) continue;
    const double along = dot / squares, factor = 1 / sqrt(squares);
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const double across = static_cast<double>(g[t]) - along * extended(row, t);
      float* to = rowAt(gradient, i) + t;
      *to = static_cast<float>(static_cast<double>(*to) + factor * across);
    }
  }
}

void extend_rows_gradient(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                          const int32_t* other, double lambda, ConstMatrix support_gradient,
                          Matrix gradient) {
  CudaState& state = CudaState::of(workers);
  const int64_t n = x.rows;
  Arguments device(state, Place::device);
  const Extension extension = {device.in(memory), device.in(own, n), device.in(other, n), lambda};
  const ConstMatrix rows = device.in(x), of_supports = device.in(support_gradient);
  const Matrix to = device.inOut(gradient);
  FirstBadRow bad(state), bad_supports(state), bad_to(state), bad_own(state), bad_other(state);
  findNotFinite(state, rows, 0, bad);
  findNotFinite(state, of_supports, 0, bad_supports);
  findNotFinite(state, to, 0, bad_to);
  findNotFiniteNamed(state, extension.memory, extension.own, n, bad_own);
  findNotFiniteNamed(state, extension.memory, extension.other, n, bad_other);
  bad.check("x");
  bad_supports.check("support_gradient");
  bad_to.check("gradient");
  bad_own.check("memory");
  bad_other.check("memory");
  DC4J_LAUNCH(extendRowsGradientKernel, blocksForLoop(n, kBlock / kWarp), kBlock, 0, state.stream(),
              rows, extension, of_supports, to);
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
