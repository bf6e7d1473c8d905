// c_y <- normalize(w c_y + (1 - w) x_i), sample after sample in batch order, or once per label with
// the sample of smallest dot product with the c_y before the call. memory [k x d], x [n x d]; O(n
// d): the mix in fp32 as the header says, lengths and dot products in fp64. Rows with a negative
// label are skipped.
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void memory_update(Workers&, Matrix memory, ConstMatrix x, const int32_t* labels, bool hardest,
                   float old_weight, float new_weight) {
  requireFinite(x, "x");
  requireFiniteRows(memory, "memory", labels, x.rows);
  const int64_t n = x.rows, d = x.cols;
  std::vector<bool> used(static_cast<size_t>(n), true);
  std::vector<double> dots(static_cast<size_t>(n));
  for (int64_t i = 0; i < n && hardest; i++) {
    if (labels[i] < 0) continue;
    dots[i] = exactDot(x.row(i), memory.row(labels[i]), d);
    for (int64_t before = 0; before < i; before++) {
      if (labels[before] != labels[i] || !used[before]) continue;
      used[dots[i] < dots[before] ? before : i] = false;
    }
  }
  std::vector<float> mixed(static_cast<size_t>(d));
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] < 0 || !used[i]) continue;
    float* c = memory.row(labels[i]);
    for (int64_t t = 0; t < d; t++) {
      mixed[t] = old_weight * c[t] + new_weight * x.row(i)[t];
    }
    const double squares = exactDot(mixed.data(), mixed.data(), d);
    if (!(squares > 0)) continue;
    const double scale = 1 / std::sqrt(squares);
    for (int64_t t = 0; t < d; t++) c[t] = static_cast<float>(mixed[t] * scale);
  }
}

}  // namespace reference
}  // namespace dc4j
