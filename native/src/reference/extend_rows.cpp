// v_i = x_i + lambda (c_other - c_own), s_i = v_i / |v_i|; v_i = x_i where own or other is -1, s_i
// = 0 where |v_i| is 0. x, supports [n x d], memory [k x d]; 6 n d operations in fp64. |v_i|^2 runs
// over 32 lanes as in core/exact_score.h.
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void extend_rows(Workers&, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                 const int32_t* other, double lambda, Matrix supports) {
  const int64_t d = x.cols;
  requireFinite(x, "x");
  requireFiniteRows(memory, "memory", own, x.rows);
  requireFiniteRows(memory, "memory", other, x.rows);
  std::vector<double> v(static_cast<size_t>(d));
  for (int64_t i = 0; i < x.rows; i++) {
    double lane[32] = {};
    for (int64_t t = 0; t < d; t++) {
      v[t] = x.row(i)[t];
      if (own[i] >= 0 && other[i] >= 0) {
        const double towards = memory.row(other[i])[t];
        v[t] += lambda * (towards - memory.row(own[i])[t]);
      }
      lane[t % 32] += v[t] * v[t];
    }
    const double squares = foldLanes(lane);
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (int64_t t = 0; t < d; t++) supports.row(i)[t] = static_cast<float>(v[t] * scale);
  }
}

}  // namespace reference
}  // namespace dc4j
