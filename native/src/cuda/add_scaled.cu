// out_i += scale x_i in fp64, rounded to fp32: the reference's bits. x, out [n x d]; 2 n d
// operations. Nothing is written unless all is finite.
#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

__global__ void addScaledKernel(ConstMatrix x, double scale, Matrix out) {
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < x.cols; t += kWarp) {
      float* to = rowAt(out, i) + t;
      *to = static_cast<float>(*to + scale * rowAt(x, i)[t]);
    }
  }
}

void add_scaled(Workers& workers, ConstMatrix x, double scale, Matrix out) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const ConstMatrix rows = device.in(x);
  const Matrix to = device.inOut(out);
  FirstBadRow bad(state), bad_out(state);
  findNotFinite(state, rows, 0, bad);
  findNotFinite(state, to, 0, bad_out);
  bad.check("x");
  bad_out.check("out");
  DC4J_LAUNCH(addScaledKernel, blocksForLoop(rows.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              rows, scale, to);
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
