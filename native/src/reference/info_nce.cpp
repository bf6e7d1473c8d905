// loss = (1/n') sum_i (log sum_j exp z_ij - z_{i y_i}), z_ij = x_i.c_j / temperature; gradient_i =
// 1 / (n' temperature) (sum_j softmax_ij c_j - c_{y_i}). x, gradient [n x d], memory [k x d]; 4 n k
// d multiply-adds in fp64, the scores of one row at a time, shifted by their maximum. Rows with a
// negative label count for nothing.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void info_nce(Workers&, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
              double temperature, Precision, Matrix gradient, double* loss) {
  requireFinite(x, "x");
  requireFinite(memory, "memory");
  const int64_t n = x.rows, d = x.cols, k = memory.rows;
  double total = 0, count = 0;
  for (int64_t i = 0; i < n; i++) count += labels[i] >= 0;
  std::vector<double> p(static_cast<size_t>(k)), sums(static_cast<size_t>(d));
  for (int64_t i = 0; i < n; i++) {
    const int64_t y = labels[i];
    float* to = gradient.data == nullptr ? nullptr : gradient.row(i);
    if (to != nullptr) std::fill(to, to + d, 0.0f);
    if (y < 0) continue;
    for (int64_t j = 0; j < k; j++) p[j] = exactDot(x.row(i), memory.row(j), d) / temperature;
    const double largest = *std::max_element(p.begin(), p.end()), positive = p[y];
    double others = 0;  // apart from the label: 1 - softmax_iy without cancellation
    for (int64_t j = 0; j < k; j++) {
      p[j] = std::exp(p[j] - largest);
      if (j != y) others += p[j];
    }
    const double sum = others + p[y];
    total += p[y] > others ? std::log1p(others / p[y]) : std::log(sum) + (largest - positive);
    if (to == nullptr) continue;
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t j = 0; j < k; j++) {
      const double weight = j == y ? -others / sum : p[j] / sum;
      for (int64_t t = 0; t < d; t++) sums[t] += weight * memory.row(j)[t];
    }
    for (int64_t t = 0; t < d; t++) to[t] = static_cast<float>(sums[t] / (count * temperature));
  }
  *loss = count > 0 ? total / count : 0;
}

}  // namespace reference
}  // namespace dc4j
