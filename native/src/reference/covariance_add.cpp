// scatter += sum_i (x_i - shift)(x_i - shift)^T (upper triangle), sum += sum_i (x_i - shift).
// scatter [d x d], sum [d]; n d^2 / 2 multiply-adds in fp64, rows in order. A block with NaN or
// infinity changes nothing.
#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void covariance_add(Workers&, ConstMatrix x, const float* shift, Precision, double* scatter,
                    double* sum) {
  requireFinite(x, "x");
  const int64_t d = x.cols;
  for (int64_t i = 0; i < x.rows; i++) {
    const float* row = x.row(i);
    for (int64_t a = 0; a < d; a++) {
      const double value = static_cast<double>(row[a]) - static_cast<double>(shift[a]);
      sum[a] += value;
      for (int64_t b = a; b < d; b++) {
        scatter[a * d + b] += value * (static_cast<double>(row[b]) - static_cast<double>(shift[b]));
      }
    }
  }
}

}  // namespace reference
}  // namespace dc4j
