// sums[label] gains or loses the fixed-point row (core/fixed_point.h) of every row whose label
// changed. x [n x d], sums [k x d], counts [k]. round() is to the nearest, ties to even.
#include <cmath>

#include "backend/table.h"

namespace dc4j {
namespace reference {

void kmeans_move(Workers&, ConstMatrix x, const int32_t* before, const int32_t* after, int64_t,
                 int shift, int64_t* sums, int64_t* counts, int64_t* moved) {
  const double scale = std::ldexp(1.0, shift);
  *moved = 0;
  for (int64_t i = 0; i < x.rows; i++) {
    if (before[i] == after[i]) continue;
    ++*moved;
    for (int64_t t = 0; t < x.cols; t++) {
      const int64_t value = std::llrint(x.row(i)[t] * scale);
      if (before[i] >= 0) sums[before[i] * x.cols + t] -= value;
      if (after[i] >= 0) sums[after[i] * x.cols + t] += value;
    }
    if (before[i] >= 0) counts[before[i]]--;
    if (after[i] >= 0) counts[after[i]]++;
  }
}

}  // namespace reference
}  // namespace dc4j
