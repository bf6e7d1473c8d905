// gradient_i += (g_i - (g_i.s_i) s_i) / |v_i| with v and s of extend_rows and g the gradient
// of the supports. x, support_gradient, gradient [n x d], memory [k x d]. Memory bound: reads those
// and the named rows of the memory, writes the gradient; threads share the rows. The reference's
// bits on every tier (no fused multiply-adds in this file).
#include <cmath>

#include "core/error.h"
#include "cpu/buffer.h"
#include "cpu/extended_row.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void extend_rows_gradient(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                          const int32_t* other, double lambda, ConstMatrix support_gradient,
                          Matrix gradient) {
  const int64_t d = x.cols;
  requireFiniteRows(workers, x, "x");
  requireFiniteRows(workers, support_gradient, "support_gradient");
  requireFiniteRows(workers, gradient, "gradient");
  requireFiniteNamed(workers, memory, own, x.rows);
  requireFiniteNamed(workers, memory, other, x.rows);
  Buffer<double> scratch(workers.threads() * d);
  workers.forRows(x.rows, 16, [&](int64_t begin, int64_t end, int worker) {
    double* v = scratch.data() + worker * d;
    for (int64_t i = begin; i < end; i++) {
      extendRow(x.row(i), memory, own[i], other[i], lambda, v);
      const float* g = support_gradient.row(i);
      const double squares = lanesDot(v, v, d), dot = lanesDot(g, v, d);
      if (!(squares > 0)) continue;
      const double along = dot / squares, factor = 1 / std::sqrt(squares);
      float* to = gradient.row(i);
      for (int64_t t = 0; t < d; t++) {
        const double across = static_cast<double>(g[t]) - along * v[t];
        to[t] = static_cast<float>(static_cast<double>(to[t]) + factor * across);
      }
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
