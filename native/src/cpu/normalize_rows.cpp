// out_i = x_i / |x_i|. Memory bound: reads and writes 4 n d bytes once. The fp64 sum of a row runs
// over 32 lanes, so it differs from the reference by rounding only; rows are independent, hence any
// thread count gives the same bytes.
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static double squaredNorm(const float* x, int64_t d) {
  double lane[32] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
    for (int l = 0; l < 32; l++) lane[l] += static_cast<double>(x[t + l]) * x[t + l];
  }
  for (int l = 0; t < d; t++, l++) lane[l] += static_cast<double>(x[t]) * x[t];
  for (int s = 16; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lane[l] += lane[l + s];
  }
  return lane[0];
}

void normalize_rows(Workers& workers, ConstMatrix x, Matrix out) {
  FirstRow bad;
  workers.forRows(x.rows, 256, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const double sum = squaredNorm(x.row(i), x.cols);
      if (!std::isfinite(sum)) {
        bad.report(i);
        continue;
      }
      const double scale = sum > 0 ? 1 / std::sqrt(sum) : 0;
      const float* in = x.row(i);
      float* to = out.row(i);
      for (int64_t t = 0; t < x.cols; t++) to[t] = static_cast<float>(in[t] * scale);
    }
  });
  if (bad.row() >= 0) notFinite("x", bad.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
