// out_i = x_i / |x_i|, the norm in fp64; a row of norm 0 stays 0.
#include <cmath>

#include "backend/table.h"
#include "core/error.h"

namespace dc4j {
namespace reference {

void normalize_rows(Workers&, ConstMatrix x, Matrix out) {
  for (int64_t i = 0; i < x.rows; i++) {
    double sum = 0;
    for (int64_t t = 0; t < x.cols; t++) sum += static_cast<double>(x.row(i)[t]) * x.row(i)[t];
    if (!std::isfinite(sum)) notFinite("x", i);
    const double scale = sum > 0 ? 1 / std::sqrt(sum) : 0;
    for (int64_t t = 0; t < x.cols; t++) {
      out.row(i)[t] = static_cast<float>(x.row(i)[t] * scale);
    }
  }
}

}  // namespace reference
}  // namespace dc4j
