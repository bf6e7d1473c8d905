// E_ij = exp(x_i.s_j / temperature); P_i = min E_ij over supports j of row i's label, Q_ig = max
// E_ij over those of another label g; loss = -(1/n') sum_i log(R_i + 1e-6), R_i = P_i / (P_i +
// sum_g Q_ig + 1e-6). x, gradient [n x d], supports, support_gradient [m x d]; n m d multiply-adds
// in fp64. Exponents are shifted by the largest picked one, if positive, and 1e-6 with them.
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

namespace {

constexpr double kEpsilon = 1e-6;

struct Pick {
  int64_t row;
  double logit;
};

/** Per label of a support the one picked for a row of label y. */
std::map<int32_t, Pick> picksOf(const float* x, int32_t y, ConstMatrix supports,
                                const int32_t* support_labels, double temperature) {
  std::map<int32_t, Pick> picks;
  for (int64_t j = 0; j < supports.rows; j++) {
    const int32_t label = support_labels[j];
    if (label < 0) continue;
    const double logit = exactDot(x, supports.row(j), supports.cols) / temperature;
    const auto found = picks.find(label);
    if (found == picks.end()) {
      picks[label] = {j, logit};
    } else if (label == y ? logit < found->second.logit : logit > found->second.logit) {
      found->second = {j, logit};
    }
  }
  return picks;
}

void write(const std::vector<double>& values, Matrix to) {
  for (int64_t i = 0; i < to.rows && to.data != nullptr; i++) {
    for (int64_t t = 0; t < to.cols; t++) {
      to.row(i)[t] = static_cast<float>(values[i * to.cols + t]);
    }
  }
}

}  // namespace

void label_preserving_loss(Workers&, ConstMatrix x, const int32_t* labels, ConstMatrix supports,
                           const int32_t* support_labels, double temperature, Matrix gradient,
                           Matrix support_gradient, double* loss) {
  requireFinite(x, "x");
  requireFinite(supports, "supports");
  const int64_t n = x.rows, d = x.cols;
  std::vector<double> to_x(static_cast<size_t>(n * d)),
      to_s(static_cast<size_t>(supports.rows * d));
  double total = 0, count = 0;
  const auto counts = [&](int64_t i) {
    const int32_t* end = support_labels + supports.rows;
    return labels[i] >= 0 && std::find(support_labels, end, labels[i]) != end;
  };
  for (int64_t i = 0; i < n; i++) count += counts(i);
  for (int64_t i = 0; i < n; i++) {
    if (!counts(i)) continue;
    const auto picks = picksOf(x.row(i), labels[i], supports, support_labels, temperature);
    double shift = 0, sum = 0;
    for (const auto& pick : picks) shift = std::max(shift, pick.second.logit);
    for (const auto& pick : picks) sum += std::exp(pick.second.logit - shift);
    sum += kEpsilon * std::exp(-shift);
    const double ratio = std::exp(picks.at(labels[i]).logit - shift) / sum;
    total -= std::log(ratio + kEpsilon);
    const double share = ratio / (ratio + kEpsilon) / (temperature * count);
    for (const auto& pick : picks) {
      const int64_t j = pick.second.row;
      double weight = share * std::exp(pick.second.logit - shift) / sum;
      if (pick.first == labels[i]) {
        double others = kEpsilon * std::exp(-shift);  // apart: no cancellation in ratio - 1
        for (const auto& other : picks) {
          if (other.first != labels[i]) others += std::exp(other.second.logit - shift);
        }
        weight = -share * others / sum;
      }
      for (int64_t t = 0; t < d; t++) {
        to_x[i * d + t] += weight * supports.row(j)[t];
        to_s[j * d + t] += weight * x.row(i)[t];
      }
    }
  }
  write(to_x, gradient);
  write(to_s, support_gradient);
  *loss = count > 0 ? total / count : 0;
}

}  // namespace reference
}  // namespace dc4j
