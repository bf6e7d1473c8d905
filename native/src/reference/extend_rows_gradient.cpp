// gradient_i += (g_i - (g_i.s_i) s_i) / |v_i| with v and s of extend_rows and g the gradient
// of the supports. x, support_gradient, gradient [n x d], memory [k x d]; 14 n d operations in
// fp64. |v_i|^2 and g_i.v_i run over 32 lanes as in core/exact_score.h.
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void extend_rows_gradient(Workers&, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                          const int32_t* other, double lambda, ConstMatrix support_gradient,
                          Matrix gradient) {
  const int64_t d = x.cols;
  requireFinite(x, "x");
  requireFinite(support_gradient, "support_gradient");
  requireFinite(gradient, "gradient");
  requireFiniteRows(memory, "memory", own, x.rows);
  requireFiniteRows(memory, "memory", other, x.rows);
  std::vector<double> v(static_cast<size_t>(d));
  for (int64_t i = 0; i < x.rows; i++) {
    const float* g = support_gradient.row(i);
    double squares_lane[32] = {}, dot_lane[32] = {};
    for (int64_t t = 0; t < d; t++) {
      v[t] = x.row(i)[t];
      if (own[i] >= 0 && other[i] >= 0) {
        const double towards = memory.row(other[i])[t];
        v[t] += lambda * (towards - memory.row(own[i])[t]);
      }
      squares_lane[t % 32] += v[t] * v[t];
      dot_lane[t % 32] += g[t] * v[t];
    }
    const double squares = foldLanes(squares_lane), dot = foldLanes(dot_lane);
    if (!(squares > 0)) continue;
    const double along = dot / squares, factor = 1 / std::sqrt(squares);
    for (int64_t t = 0; t < d; t++) {
      float& to = gradient.row(i)[t];
      to = static_cast<float>(to + factor * (g[t] - along * v[t]));
    }
  }
}

}  // namespace reference
}  // namespace dc4j
