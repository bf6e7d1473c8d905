// Fuzz cases of k-means and search: statuses, labels and bits.
#pragma once
#include <dc4j/kernels.h>

#include "fuzz.h"

inline Outcome fuzzSearch(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  const int64_t n = draw.size(draw.once(4) ? 700 : 90), d = draw.size(140);
  const int64_t k = 1 + draw.size(200), m = 1 + draw.below(40);
  TestMatrix x(n, d, d + draw.below(3)), c(k, d, d + draw.below(3));
  draw.fill(x);
  draw.fill(c);
  const auto rows = size_t(n);
  std::vector<int32_t> labels(rows), second(rows);
  std::vector<float> near(rows), far(rows), distances(size_t(n * m));
  std::vector<int64_t> ids(size_t(n * m)), counts(size_t(k), 0), chosen(size_t(k), 0);
  Outcome out;
  double objective = 0;
  const dc4j_status assigned =
      dc4j_kmeans_assign(test.context, &x.view, &c.view, labels.data(), near.data(), &objective);
  out.add(assigned, labels);
  out.add(near);
  if (assigned == DC4J_OK) {
    std::vector<int32_t> again(rows);
    for (int32_t& hint : again) hint = int32_t(draw.below(k + 2)) - 1;
    out.add(dc4j_kmeans_reassign(test.context, &x.view, &c.view, again.data(), nullptr, nullptr),
            again);
    TestMatrix moved(k, d);
    draw.fill(moved);
    for (int64_t j = 0; j < k; j++) {
      if (draw.once(3)) continue;
      std::copy_n(c.row(j), d, moved.row(j));
    }
    again = labels;
    out.add(dc4j_kmeans_follow(test.context, &x.view, &moved.view, &c.view, again.data(),
                               near.data(), nullptr, nullptr),
            again);
    out.add(near);
  }
  out.add(dc4j_kmeans_assign2(test.context, &x.view, &c.view, labels.data(), second.data(),
                              near.data(), far.data()),
          second);
  out.add(far);
  out.add(dc4j_nearest(test.context, &x.view, &c.view, m, nullptr, ids.data(), distances.data()),
          ids);
  out.add(distances);
  out.add(dc4j_nearest_self(test.context, &x.view, m, int32_t(draw.below(2)), ids.data(),
                            distances.data()),
          ids);
  out.add(distances);
  for (int32_t& label : labels) label = int32_t(draw.below(k + 1)) - 1;
  TestMatrix means(k, d);
  out.add(dc4j_kmeans_update(test.context, &x.view, labels.data(), &means.view, counts.data()),
          counts);
  out.add(means.values);
  out.add(dc4j_kmeans_seed(test.context, &x.view, int32_t(draw.below(2)), seed, &means.view,
                           chosen.data()),
          chosen);
  out.add(means.values);
  return out;
}
