// Fuzz cases of what else works on rows: PCA and whitening, sums that live on, empty clusters,
// support samples. Bits where they are promised, else the rounding of the products.
#pragma once
#include <dc4j/losses.h>

#include "fuzz_losses.h"

inline void fuzzPca(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(200), d = 1 + draw.size(80), m = 1 + draw.below(d);
  TestMatrix x(n, d, d + draw.below(3)), mean(1, d), transform(m, d, d + draw.below(3));
  draw.fill(x);
  dc4j_pca* pca = nullptr;
  const bool fast = draw.once(3);
  const int64_t step = 1 + draw.size(120);
  const double floor_ratio = draw.once(2) ? 0 : 1e-3;
  const double largest = largestEntry(x);
  dc4j_status status =
      dc4j_pca_begin(test.context, d, fast ? DC4J_PRECISION_FAST : DC4J_PRECISION_FP32, &pca);
  for (int64_t i = 0; i < n && status == DC4J_OK; i += step) {
    dc4j_matrix block = x.view;
    block.data += i * x.view.stride;
    block.rows = std::min(step, n - i);
    status = dc4j_pca_add(pca, &block);
  }
  std::vector<double> values(static_cast<size_t>(m));
  int64_t rank = 0;
  if (status == DC4J_OK) {
    status =
        dc4j_pca_finish(pca, m, floor_ratio, &mean.view, &transform.view, values.data(), &rank);
  }
  dc4j_pca_close(pca);
  // Rows that are equal but for rounding: whether anything is left of them may depend on it.
  if (status == DC4J_NUMERIC) status = DC4J_OK;
  out.add(status, std::vector<int32_t>());
  if (status != DC4J_OK) return;
  // A variance is rounded as the square of the largest entry is, by its products and by the shift.
  const double bound = (fast ? 2e-2 : 1e-5) * double(d) * largest * largest;
  const bool promised = !fast && largest > 1e-15 && largest < 1e15;
  for (double value : values) out.add(value, promised ? bound : INFINITY);
}

inline void fuzzWhiten(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(120), d = draw.size(140), m = draw.size(70);
  TestMatrix x(n, d, d + draw.below(3)), mean(1, d), transform(m, d, d + draw.below(3));
  TestMatrix y(n, m, m + draw.below(3));
  draw.fill(x);
  draw.fill(mean);
  draw.fill(transform);
  const double lengths = (longestRow(x) + longestRow(mean)) * longestRow(transform);
  const bool normalised = draw.once(2);
  out.add(
      dc4j_whiten_apply(test.context, &x.view, &mean.view, &transform.view, normalised, &y.view),
      std::vector<int32_t>());
  // Directions of short sums bound nothing.
  addMatrix(out, y, 0, normalised || lengths > 1e36 ? INFINITY : 2e-5 * lengths);
}

inline void fuzzSums(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(draw.once(4) ? 700 : 90), d = draw.size(140), k = 1 + draw.size(60);
  TestMatrix x(n, d, d + draw.below(3)), means(k, d, d + 1);
  draw.fill(x);
  std::vector<int32_t> labels(size_t(n), -1);
  std::vector<int64_t> counts(size_t(k), 0);
  std::vector<float> distances(static_cast<size_t>(n));
  dc4j_kmeans_sums* sums = nullptr;
  out.add(dc4j_kmeans_sums_begin(test.context, &x.view, k, &sums), labels);
  if (out.status.back() != DC4J_OK) return;
  for (int round = 0; round < 3; round++) {
    for (int32_t& label : labels) {
      if (!draw.once(round + 1)) continue;
      label = int32_t(draw.below(k + 1)) - 1;
    }
    int64_t moved = 0;
    out.add(
        dc4j_kmeans_sums_update(sums, &x.view, labels.data(), &means.view, counts.data(), &moved),
        counts);
    out.integers.push_back(moved);
    out.add(means.values);
  }
  dc4j_kmeans_sums_close(sums);
  for (float& distance : distances) distance = float(draw.below(9));
  for (int32_t& label : labels) label = std::max(label, 0);
  const auto policy = int32_t(draw.below(3));
  int64_t filled = 0;
  out.add(dc4j_kmeans_fill_empty(test.context, &x.view, labels.data(), distances.data(), policy, 7,
                                 &means.view, counts.data(), &filled),
          counts);
  out.integers.push_back(filled);
  out.add(means.values);
}

inline void fuzzSupports(const TestContext& test, Draw& draw, Outcome& out) {
  const int64_t n = draw.size(120), d = draw.size(140), k = 1 + draw.size(30);
  TestMatrix x(n, d, d + draw.below(3)), memory(k, d, d + draw.below(3));
  TestMatrix supports(n, d, d + 1), to_supports(n, d, d + draw.below(2)), gradient(n, d, d + 1);
  draw.fill(x);
  draw.fill(memory);
  draw.fill(to_supports);
  draw.fill(gradient);
  const std::vector<int32_t> own = draw.labels(n, k), other = draw.labels(n, k);
  const double lambda = double(draw.below(12)) / 8;
  out.add(dc4j_extend_rows(test.context, &x.view, &memory.view, own.data(), other.data(), lambda,
                           &supports.view),
          std::vector<int32_t>());
  out.add(supports.values);
  out.add(dc4j_extend_rows_gradient(test.context, &x.view, &memory.view, own.data(), other.data(),
                                    lambda, &to_supports.view, &gradient.view),
          std::vector<int32_t>());
  out.add(gradient.values);
  out.add(dc4j_add_scaled(test.context, &x.view, double(draw.below(9)) / 4 - 1, &gradient.view),
          std::vector<int32_t>());
  out.add(gradient.values);
}

inline Outcome fuzzRows(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  Outcome out;
  fuzzPca(test, draw, out);
  fuzzWhiten(test, draw, out);
  fuzzSums(test, draw, out);
  fuzzSupports(test, draw, out);
  return out;
}
