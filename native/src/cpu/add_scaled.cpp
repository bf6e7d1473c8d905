// out_i += scale x_i in fp64, rounded to fp32. x, out [n x d]. Memory bound: reads both, writes
// out; threads share the rows. The reference's bits on every tier (no fused multiply-adds in this
// file).
#include "core/error.h"
#include "cpu/extended_row.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void add_scaled(Workers& workers, ConstMatrix x, double scale, Matrix out) {
  requireFiniteRows(workers, x, "x");
  requireFiniteRows(workers, out, "out");
  workers.forRows(x.rows, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const float* from = x.row(i);
      float* to = out.row(i);
      for (int64_t t = 0; t < x.cols; t++) {
        to[t] =
            static_cast<float>(static_cast<double>(to[t]) + scale * static_cast<double>(from[t]));
      }
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
