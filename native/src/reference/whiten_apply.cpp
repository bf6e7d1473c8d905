// out_i = transform (x_i - mean), then / |out_i|. x [n x D], transform [d x D], out [n x d]; n d D
// multiply-adds in fp64, rounded once. A row of norm 0 stays 0.
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void whiten_apply(Workers&, ConstMatrix x, ConstMatrix mean, ConstMatrix transform,
                  bool l2_normalize, Matrix out) {
  requireFinite(mean, "mean");
  requireFinite(transform, "transform");
  requireFinite(x, "x");
  std::vector<double> y(static_cast<size_t>(out.cols));
  for (int64_t i = 0; i < x.rows; i++) {
    double norm = 0;
    for (int64_t j = 0; j < out.cols; j++) {
      double dot = 0;
      for (int64_t t = 0; t < x.cols; t++) {
        const double centred = static_cast<double>(x.row(i)[t]) - static_cast<double>(mean.data[t]);
        dot += static_cast<double>(transform.row(j)[t]) * centred;
      }
      y[j] = dot;
      norm += dot * dot;
    }
    const double scale = !l2_normalize ? 1 : norm > 0 ? 1 / std::sqrt(norm) : 0;
    for (int64_t j = 0; j < out.cols; j++) out.row(i)[j] = static_cast<float>(y[j] * scale);
  }
}

}  // namespace reference
}  // namespace dc4j
