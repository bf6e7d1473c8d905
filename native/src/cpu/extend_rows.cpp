// v_i = x_i + lambda (c_other - c_own), s_i = v_i / |v_i|. x, supports [n x d], memory [k x d].
// Memory bound: reads x and the named rows of the memory, writes the supports; threads share the
// rows. The reference's bits on every tier (no fused multiply-adds in this file).
#include <cmath>

#include "core/error.h"
#include "cpu/buffer.h"
#include "cpu/extended_row.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void extend_rows(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                 const int32_t* other, double lambda, Matrix supports) {
  const int64_t d = x.cols;
  requireFiniteRows(workers, x, "x");
  requireFiniteNamed(workers, memory, own, x.rows);
  requireFiniteNamed(workers, memory, other, x.rows);
  Buffer<double> scratch(workers.threads() * d);
  workers.forRows(x.rows, 16, [&](int64_t begin, int64_t end, int worker) {
    double* v = scratch.data() + worker * d;
    for (int64_t i = begin; i < end; i++) {
      extendRow(x.row(i), memory, own[i], other[i], lambda, v);
      const double squares = lanesDot(v, v, d);
      const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
      float* to = supports.row(i);
      for (int64_t t = 0; t < d; t++) to[t] = static_cast<float>(v[t] * scale);
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
