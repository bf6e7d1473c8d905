// kmeans_fill_empty: the three policies, donors that run out, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <limits>

#include "plain.h"

struct Clusters {
  TestMatrix x{6, 2}, c{4, 2};
  std::vector<int32_t> labels{0, 0, 0, 2, 2, -1};
  std::vector<float> distances{1, 5, 5, 9, 0, 50};
  std::vector<int64_t> counts{3, 0, 2, 0};
  int64_t filled = -1;
  Clusters() {
    fillGaussian(x, 1);
    fillGaussian(c, 2);
  }
  dc4j_status call(const TestContext& test, int32_t policy, uint64_t seed = 1) {
    return dc4j_kmeans_fill_empty(test.context, &x.view, labels.data(), distances.data(), policy,
                                  seed, &c.view, counts.data(), &filled);
  }
};

static void keep(const TestContext& test) {
  Clusters s;
  const auto before = s.c.values;
  CHECK(s.call(test, DC4J_EMPTY_KEEP) == DC4J_OK);
  CHECK(s.filled == 0 && s.c.values == before && s.counts[1] == 0);
}

static void farthest(const TestContext& test) {
  Clusters s;
  CHECK(s.call(test, DC4J_EMPTY_FARTHEST) == DC4J_OK, << dc4j_last_error());
  CHECK(s.filled == 2);
  CHECK(std::equal(s.c.row(1), s.c.row(1) + 2, s.x.row(3)));  // row 5 belongs to no cluster
  CHECK(std::equal(s.c.row(3), s.c.row(3) + 2, s.x.row(1)));  // the lower of two at 5
  CHECK((s.counts == std::vector<int64_t>{2, 1, 1, 1}));
  Clusters few;
  few.labels = {0, 1, 2, -1, -1, -1};
  few.counts = {1, 1, 1, 0};
  CHECK(few.call(test, DC4J_EMPTY_FARTHEST) == DC4J_OK && few.filled == 0);
}

static void faiss(const TestContext& test) {
  int donors[2] = {};
  for (uint64_t seed = 0; seed < 2000; seed++) {
    Clusters s;
    s.counts = {5, 0, 2, 3};  // more counted than k, so probabilities are 4/6, 1/6 and 2/6 in turn
    s.x.view.rows = 6;
    const auto before = s.c.values;
    CHECK(s.call(test, DC4J_EMPTY_FAISS, seed) == DC4J_OK, << dc4j_last_error());
    CHECK(s.filled == 1);
    const int64_t donor = s.counts[0] != 5 ? 0 : s.counts[2] != 2 ? 2 : 3;
    if (donor == 0) donors[0]++;
    if (donor == 2) donors[1]++;
    const int64_t had = donor == 0 ? 5 : donor == 2 ? 2 : 3;
    CHECK(s.counts[1] == had / 2 && s.counts[donor] == had - had / 2);
    for (int t = 0; t < 2; t++) {
      const float old = before[donor * 2 + t], step = t == 0 ? 1 / 1024.0f : -1 / 1024.0f;
      CHECK(s.c.row(1)[t] == old * (1 + step) && s.c.row(donor)[t] == old * (1 - step));
    }
  }
  // One round: 0 with 4/6, 2 with 2/6 * 1/6 (after 1 with probability 0), 3 with the rest * 2/6.
  const double round = 4 / 6.0 + 2 / 36.0 + 2 / 6.0 * 5 / 6.0 * 2 / 6.0;
  CHECK(std::fabs(donors[0] / 2000.0 - 4 / 6.0 / round) < 0.05, << donors[0]);
  CHECK(std::fabs(donors[1] / 2000.0 - 2 / 36.0 / round) < 0.03, << donors[1]);
  Clusters none;
  none.counts = {1, 0, 1, 0};
  CHECK(none.call(test, DC4J_EMPTY_FAISS) == DC4J_OK && none.filled == 0);
  Clusters tight;
  tight.counts = {2, 0, 1, 0};  // fewer counted than clusters
  CHECK(tight.call(test, DC4J_EMPTY_FAISS) == DC4J_OK && tight.filled == 1);
  Clusters large;
  for (float& v : large.c.values) v = -std::numeric_limits<float>::max();
  CHECK(large.call(test, DC4J_EMPTY_FAISS) == DC4J_OK && large.filled == 2);
  for (float v : large.c.values) CHECK(std::isfinite(v));
}

static void refusals(const TestContext& test) {
  Clusters s;
  CHECK(s.call(test, 3) == DC4J_INVALID_ARGUMENT);
  CHECK(s.call(test, -1) == DC4J_INVALID_ARGUMENT);
  for (int64_t bad : {-1, 7}) {
    s.counts[2] = bad;
    CHECK(s.call(test, DC4J_EMPTY_FAISS) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("counts[2]"), << dc4j_last_error());
  }
  s.counts[2] = 2;
  s.labels[4] = 4;
  CHECK(s.call(test, DC4J_EMPTY_FARTHEST) == DC4J_INVALID_ARGUMENT);
  s.labels[4] = 2;
  s.distances[5] = NAN;
  CHECK(s.call(test, DC4J_EMPTY_FARTHEST) == DC4J_NOT_FINITE);
  s.distances[5] = INFINITY;  // what a distance beyond fp32 becomes
  CHECK(s.call(test, DC4J_EMPTY_FARTHEST) == DC4J_OK);
  int64_t filled = 0;
  const auto raw = [&](const int32_t* labels, const float* distances, int64_t* counts,
                       int64_t* to) {
    return dc4j_kmeans_fill_empty(test.context, &s.x.view, labels, distances, DC4J_EMPTY_FARTHEST,
                                  1, &s.c.view, counts, to);
  };
  CHECK(raw(nullptr, s.distances.data(), s.counts.data(), &filled) == DC4J_INVALID_ARGUMENT);
  CHECK(raw(s.labels.data(), nullptr, s.counts.data(), &filled) == DC4J_INVALID_ARGUMENT);
  CHECK(raw(s.labels.data(), s.distances.data(), nullptr, &filled) == DC4J_INVALID_ARGUMENT);
  CHECK(raw(s.labels.data(), s.distances.data(), s.counts.data(), nullptr) ==
        DC4J_INVALID_ARGUMENT);
  Clusters bad;
  bad.c.row(3)[0] = NAN;
  CHECK(bad.call(test, DC4J_EMPTY_FAISS) == DC4J_NOT_FINITE);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    keep(test);
    farthest(test);
    faiss(test);
    refusals(test);
  });
  return finish();
}
