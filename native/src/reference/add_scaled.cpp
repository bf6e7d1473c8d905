// out_i += scale x_i in fp64, rounded to fp32. x, out [n x d]; 2 n d operations.
#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void add_scaled(Workers&, ConstMatrix x, double scale, Matrix out) {
  requireFinite(x, "x");
  requireFinite(out, "out");
  for (int64_t i = 0; i < x.rows; i++) {
    for (int64_t t = 0; t < x.cols; t++) {
      out.row(i)[t] = static_cast<float>(out.row(i)[t] + scale * x.row(i)[t]);
    }
  }
}

}  // namespace reference
}  // namespace dc4j
