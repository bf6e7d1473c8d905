// Fuzz cases of the losses and the memory: bits where they are promised, else the rounding that
// losses.h and kernels.h state, from the lengths of the case's own rows.
#pragma once
#include <dc4j/kernels.h>
#include <dc4j/losses.h>

#include "fuzz.h"

inline double largestEntry(TestMatrix& m) {
  double largest = 0;
  for (int64_t i = 0; i < m.view.rows; i++) {
    for (int64_t t = 0; t < m.view.cols; t++) {
      largest = std::max(largest, std::fabs(double(m.row(i)[t])));
    }
  }
  return largest;
}

inline double longestRow(TestMatrix& m) {
  double longest = 0;
  for (int64_t i = 0; i < m.view.rows; i++) {
    double squares = 0;
    for (int64_t t = 0; t < m.view.cols; t++) squares += double(m.row(i)[t]) * m.row(i)[t];
    longest = std::max(longest, std::sqrt(squares));
  }
  return longest;
}

/** Every entry within `relative` of itself and `absolute`. */
inline void addMatrix(Outcome& out, TestMatrix& m, double relative, double absolute) {
  for (int64_t i = 0; i < m.view.rows; i++) {
    for (int64_t t = 0; t < m.view.cols; t++) {
      const double value = double(m.row(i)[t]), bound = relative * std::fabs(value) + absolute;
      // Beyond fp32: one side may have rounded to infinity.
      out.add(value, std::fabs(value) > 3.4e38 ? INFINITY : bound + 2e-45);
    }
  }
}

inline void fuzzInfoNce(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(70), d = draw.size(140), k = 1 + draw.size(300);
  TestMatrix x(n, d, d + draw.below(3)), c(k, d, d + draw.below(3)), gradient(n, d, d + 1);
  draw.fill(x);
  draw.fill(c);
  const std::vector<int32_t> labels = draw.labels(n, k);
  const double temperature = std::pow(10.0, double(draw.below(7)) - 3);
  double count = 0, loss = 0;
  for (int32_t label : labels) count += label >= 0;
  const double error = 5e-7 * longestRow(x) * longestRow(c) / temperature;
  const bool wanted = !draw.once(4);
  out.add(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), temperature, 0,
                        wanted ? &gradient.view : nullptr, &loss),
          std::vector<int32_t>());
  // A logit that may be off by more than 1 bounds nothing, and fp32 sums must not overflow.
  const bool promised = error < 1 && longestRow(x) * longestRow(c) < 1e38;
  out.add(loss, promised ? 1e-6 * std::fabs(loss) + error : INFINITY);
  const double bound = (2e-6 + 4 * error) * 2 * largestEntry(c) / std::max(count, 1.0);
  if (wanted) addMatrix(out, gradient, 1.2e-7, promised ? bound / temperature : INFINITY);
}

inline void fuzzRatioLoss(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(90), d = draw.size(140), k = 2 + draw.size(20);
  TestMatrix x(n, d, d + draw.below(3)), c(k, d, d + draw.below(3)), gradient(n, d, d + 1);
  draw.fill(x);
  draw.fill(c);
  const std::vector<int32_t> first = draw.labels(n, k);
  std::vector<int32_t> second = draw.labels(n, k);
  double count = 0, loss = 0;
  for (size_t i = 0; i < first.size(); i++) {
    if (first[i] == second[i] && !draw.once(50)) second[i] = -1;
    count += first[i] >= 0 && second[i] >= 0;
  }
  const double epsilon = draw.once(3) ? std::pow(10.0, double(draw.below(24)) - 20) : 1e-6;
  const bool wanted = !draw.once(4);
  out.add(dc4j_ratio_loss(test.context, &x.view, &c.view, first.data(), second.data(), epsilon,
                          wanted ? &gradient.view : nullptr, &loss),
          std::vector<int32_t>());
  out.add(loss, 1e-13 * std::fabs(loss));
  if (!wanted || out.status.back() != DC4J_OK) return;
  for (int64_t i = 0; i < n; i++) {
    double terms = 0;  // of the difference the gradient is
    if (first[i] >= 0 && second[i] >= 0) {
      const double u = std::sqrt(plainDistance(x.row(i), c.row(first[i]), d));
      const double w = std::sqrt(plainDistance(x.row(i), c.row(second[i]), d) + epsilon * epsilon);
      terms = (1 / w + u / w / w) / count;
    }
    for (int64_t t = 0; t < d; t++) {
      const double value = double(gradient.row(i)[t]);
      const bool finite = std::fabs(value) < 3.4e38 && terms < 1e38;
      out.add(value, finite ? 1.2e-7 * std::fabs(value) + 1e-14 * terms + 2e-45 : INFINITY);
    }
  }
}

inline void fuzzLabelPreserving(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(60), m = draw.size(90), d = draw.size(140), k = 1 + draw.size(12);
  TestMatrix x(n, d, d + draw.below(3)), s(m, d, d + draw.below(3));
  TestMatrix to_x(n, d, d + 1), to_s(m, d, d + 2);
  draw.fill(x);
  draw.fill(s);
  const std::vector<int32_t> labels = draw.labels(n, k), support_labels = draw.labels(m, k);
  const double temperature = std::pow(10.0, double(draw.below(5)) - 2);
  double loss = 0;
  out.add(
      dc4j_label_preserving_loss(test.context, &x.view, labels.data(), &s.view,
                                 support_labels.data(), temperature, &to_x.view, &to_s.view, &loss),
      std::vector<int32_t>());
  const double exponent = longestRow(x) * longestRow(s) / temperature;
  const double relative = 1e-12 + 1e-15 * exponent;  // of a weight
  const bool promised = relative < 1e-6;
  out.add(loss, promised ? relative * (1 + std::fabs(loss)) : INFINITY);
  const auto bound = [&](TestMatrix& of) {
    return promised ? 4 * relative * largestEntry(of) / temperature : INFINITY;
  };
  addMatrix(out, to_x, 1.2e-7, bound(s));
  addMatrix(out, to_s, 1.2e-7, bound(x));
}

inline void fuzzCrossEntropy(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(70), k = 1 + draw.size(300);
  TestMatrix z(n, k, k + draw.below(3)), gradient(n, k, k + 1);
  draw.fill(z);
  const std::vector<int32_t> labels = draw.labels(n, k);
  std::vector<float> weights;
  double total = 0, loss = 0;
  for (int64_t j = 0; j < k; j++) weights.push_back(float(draw.below(4)) / 2);
  if (draw.once(30)) weights[size_t(draw.below(k))] = draw.once(2) ? NAN : -1;
  const float* given = draw.once(2) ? nullptr : weights.data();
  for (int32_t label : labels) {
    if (label >= 0 && label < k) total += given == nullptr ? 1 : double(given[label]);
  }
  out.add(dc4j_cross_entropy(test.context, &z.view, labels.data(), given, &gradient.view, &loss),
          std::vector<int32_t>());
  // Differences of logits may leave fp32.
  const bool promised = largestEntry(z) < 1e38;
  out.add(loss, promised ? 1e-6 * (1 + std::fabs(loss)) : INFINITY);
  // The exponential, and its argument rounded to fp32: up to 100 of them away from 0.
  addMatrix(out, gradient, promised ? 2e-7 * 103 : INFINITY, 1e-15);
}

inline void fuzzMemory(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(120), d = draw.size(140), k = 1 + draw.size(draw.once(2) ? 4 : 90);
  TestMatrix x(n, d, d + draw.below(3)), memory(k, d, d + draw.below(3));
  draw.fill(x);
  draw.fill(memory);
  if (draw.once(2)) dc4j_normalize_rows(test.context, &x.view, &x.view);
  const std::vector<int32_t> labels = draw.labels(n, k);
  const double old_weight = double(draw.below(11)) / 10;
  out.add(dc4j_memory_update(test.context, &memory.view, &x.view, labels.data(),
                             draw.once(2) ? DC4J_MEMORY_CM : DC4J_MEMORY_CM_HARD, old_weight),
          std::vector<int32_t>());
  out.add(memory.values);
}

inline void fuzzNormalize(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(120), d = draw.size(200);
  TestMatrix x(n, d, d + draw.below(3)), apart(n, d, d + 1);
  draw.fill(x);
  TestMatrix& to = draw.once(2) ? x : apart;
  out.add(dc4j_normalize_rows(test.context, &x.view, &to.view), std::vector<int32_t>());
  addMatrix(out, to, 1.2e-7, 0);
}

inline Outcome fuzzLosses(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  Outcome out;
  fuzzInfoNce(test, draw, out);
  fuzzRatioLoss(test, draw, out);
  fuzzLabelPreserving(test, draw, out);
  fuzzCrossEntropy(test, draw, out);
  fuzzMemory(test, draw, out);
  fuzzNormalize(test, draw, out);
  return out;
}
