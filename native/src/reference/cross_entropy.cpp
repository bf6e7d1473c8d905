// loss = sum_i w_{y_i} (log sum_j exp z_ij - z_{i y_i}) / W, W = sum_i w_{y_i}; gradient_ij =
// w_{y_i} / W (softmax_ij - [j = y_i]). logits, gradient [n x k]; n k exponentials in fp64.
// Exponents are shifted by the row's maximum. Rows with a negative label count for nothing; W = 0
// gives 0 and zeros.
#include <algorithm>
#include <cmath>

#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void cross_entropy(Workers&, ConstMatrix logits, const int32_t* labels, const float* class_weights,
                   Matrix gradient, double* loss) {
  requireFinite(logits, "logits");
  const int64_t k = logits.cols;
  double total = 0, weights = 0;
  for (int64_t i = 0; i < logits.rows; i++) {
    if (labels[i] >= 0) weights += class_weights == nullptr ? 1 : class_weights[labels[i]];
  }
  for (int64_t i = 0; i < logits.rows; i++) {
    const float* z = logits.row(i);
    const int64_t y = labels[i];
    if (y < 0 || !(weights > 0)) {
      if (gradient.data != nullptr) std::fill(gradient.row(i), gradient.row(i) + k, 0.0f);
      continue;
    }
    const double weight = class_weights == nullptr ? 1 : class_weights[y];
    const double largest = *std::max_element(z, z + k);
    double sum = 0;
    for (int64_t j = 0; j < k; j++) sum += std::exp(z[j] - largest);
    total += weight * (std::log(sum) - (z[y] - largest));
    if (gradient.data == nullptr) continue;
    for (int64_t j = 0; j < k; j++) {
      const double softmax = std::exp(z[j] - largest) / sum;
      gradient.row(i)[j] = static_cast<float>(weight / weights * (softmax - (j == y ? 1 : 0)));
    }
  }
  *loss = weights > 0 ? total / weights : 0;
}

}  // namespace reference
}  // namespace dc4j
