#include "cpu/spread_order.h"

#include <algorithm>
#include <cmath>

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static void addPowers(const float* x, int64_t d, double* sum) {
  for (int64_t t = 0; t < d; t++) {
    const double square = static_cast<double>(x[t]) * static_cast<double>(x[t]);
    sum[t] += square * square;
  }
}

void SpreadOrder::measure(const ConstMatrix& rows, const int64_t* samples, int64_t count,
                          const SearchBase& base) {
  Buffer<double> sum(d_);
  for (int64_t t = 0; t < d_; t++) sum[t] = 0;
  for (int64_t i = 0; i < count; i++) addPowers(rows.row(samples[i]), d_, sum.data());
  const int64_t columns = base.rows().rows, most = 96;
  const int64_t step = columns < most ? 1 : columns / most;
  for (int64_t j = 0; j < columns; j += step) {
    if (base.inTile(j)) addPowers(base.rows().row(j), d_, sum.data());
  }
  for (int64_t t = 0; t < d_; t++) {
    order_[t] = static_cast<int32_t>(t);
    if (std::isnan(sum[t])) sum[t] = 0;  // of a row that is refused
  }
  std::sort(order_.data(), order_.data() + d_,
            [&](int32_t a, int32_t b) { return sum[a] > sum[b] || (sum[a] == sum[b] && a < b); });
  for (int64_t t = 0; t < d_; t++) spread_[t] = std::sqrt(std::sqrt(sum[order_[t]]));
}

int64_t SpreadOrder::after(int64_t wide) const {
  for (int64_t next = wide + kWideStep; 2 * next <= d_; next += kWideStep) {
    if (spread_[next] > spread_[wide] * 2 / 3) continue;
    // By at least half as many again: spreads fall slowly, and every choice costs a sample.
    if (2 * next >= 3 * wide) return next;
  }
  return 0;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
