// loss = sum_i w_{y_i} (log sum_j exp z_ij - z_{i y_i}) / W, W = sum_i w_{y_i}; gradient_ij =
// w_{y_i} / W (softmax_ij - [j = y_i]). logits, gradient [n x k]; n k fp32 exponentials
// (vector_exp.h), their sum and the loss in fp64; 3 passes over a row that stays in cache. Rows
// with a negative label count for nothing; W = 0 gives 0 and zeros. Judge:
// reference/cross_entropy.cpp, within fp32 rounding of exp and its
// argument.
#include <cfloat>
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/vector_exp.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kBlockRows = 64;  // rows whose losses are summed before the sums are added

/** The last k % kLanes values, filled up with the lowest float. */
inline Floats lastOf(const float* z, int64_t from, int64_t k) {
  Floats last = Floats{} - FLT_MAX;
  for (int64_t t = from; t < k; t++) last[t - from] = z[t];
  return last;
}

/** max z, NaN or infinity where z holds such. */
float largestOf(const float* z, int64_t k) {
  Floats largest = Floats{} - FLT_MAX, zero = {};
  int64_t t = 0;
  for (; t + kLanes <= k; t += kLanes) {
    const Floats v = *reinterpret_cast<const Floats*>(z + t);
    zero += v * 0.0f;
    largest = v > largest ? v : largest;
  }
  const Floats last = lastOf(z, t, k);
  zero += last * 0.0f;
  largest = last > largest ? last : largest;
  float result = -FLT_MAX, finite = 0;
  for (int l = 0; l < kLanes; l++) {
    finite += zero[l];
    if (largest[l] > result) result = largest[l];
  }
  return result + finite;
}

/** sum exp(z - largest) in fp64; the exponentials into out unless it is NULL. */
double sumExp(const float* z, int64_t k, float largest, float* out) {
  Doubles sums[2] = {};
  alignas(64) float e[kLanes];
  int64_t t = 0;
  for (; t < k; t += kLanes) {
    const bool whole = t + kLanes <= k;
    const Floats v = whole ? *reinterpret_cast<const Floats*>(z + t) : lastOf(z, t, k);
    const Floats value = expNegative(v - largest);
    *reinterpret_cast<Floats*>(e) = value;
    if (!whole) {
      for (int64_t l = k - t; l < kLanes; l++) e[l] = 0;
    }
    sums[0] += widen(e);
    sums[1] += widen(e + kDoubles);
    if (out == nullptr) continue;
    if (whole) {
      *reinterpret_cast<Floats*>(out + t) = value;
    } else {
      for (int64_t l = 0; t + l < k; l++) out[t + l] = e[l];
    }
  }
  double sum = 0;
  for (int l = 0; l < kDoubles; l++) sum += sums[0][l] + sums[1][l];
  return sum;
}

/** log sum exp z - z_y of one row; its gradient, times share, unless that is NULL. */
double lossOf(const float* z, int64_t k, int64_t y, float largest, double share, float* gradient) {
  const double sum = sumExp(z, k, largest, gradient);
  if (gradient != nullptr) {
    const double at_label = share * ((static_cast<double>(gradient[y]) - sum) / sum);
    const float factor = static_cast<float>(share / sum);
    for (int64_t t = 0; t < k; t++) gradient[t] *= factor;
    gradient[y] = static_cast<float>(at_label);
  }
  return std::log(sum) - (static_cast<double>(z[y]) - static_cast<double>(largest));
}

}  // namespace

void cross_entropy(Workers& workers, ConstMatrix logits, const int32_t* labels,
                   const float* class_weights, Matrix gradient, double* loss) {
  const int64_t n = logits.rows, k = logits.cols;
  double weights = 0;
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= 0) weights += class_weights == nullptr ? 1 : class_weights[labels[i]];
  }
  Buffer<double> sums((n + kBlockRows - 1) / kBlockRows);
  FirstRow bad;
  workers.forRows(n, kBlockRows, [&](int64_t begin, int64_t end, int) {
    double block = 0;
    for (int64_t i = begin; i < end; i++) {
      const float largest = largestOf(logits.row(i), k);
      float* to = gradient.data == nullptr ? nullptr : gradient.row(i);
      if (!std::isfinite(largest)) {
        bad.report(i);
      } else if (labels[i] < 0 || !(weights > 0)) {
        for (int64_t t = 0; t < k && to != nullptr; t++) to[t] = 0;
      } else {
        const double weight = class_weights == nullptr ? 1 : class_weights[labels[i]];
        block += weight * lossOf(logits.row(i), k, labels[i], largest, weight / weights, to);
      }
    }
    sums[begin / kBlockRows] = block;
  });
  if (bad.row() >= 0) notFinite("logits", bad.row());
  double total = 0;
  for (int64_t b = 0; b * kBlockRows < n; b++) total += sums[b];
  *loss = weights > 0 ? total / weights : 0;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
