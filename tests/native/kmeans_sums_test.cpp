// kmeans_sums: after any sequence of label changes the centroids and counts of kmeans_update, bit
// for bit, on every backend; what moved; refusals.
#include <dc4j/kernels.h>

#include "plain.h"

static std::vector<int32_t> draw(std::mt19937_64& engine, int64_t n, int64_t k, int lowest) {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; i++) {
    labels.push_back(int32_t(engine() % uint64_t(k - lowest)) + lowest);
  }
  return labels;
}

static void compare(const TestContext& test, int64_t n, int64_t d, int64_t k, float scale) {
  TestMatrix x(n, d, d + 3), expected(k, d), c(k, d, d + 1);
  fillGaussian(x, uint64_t(n + 3 * d + k), scale);
  std::mt19937_64 engine(5);
  dc4j_kmeans_sums* sums = nullptr;
  CHECK(dc4j_kmeans_sums_begin(test.context, &x.view, k, &sums) == DC4J_OK, << dc4j_last_error());
  std::vector<int32_t> labels = draw(engine, n, k, -1), before(size_t(n), -1);
  for (int round = 0; round < 5; round++) {
    fillGaussian(expected, 9);  // what clusters without rows keep
    for (int64_t j = 0; j < k; j++) std::copy_n(expected.row(j), d, c.row(j));
    std::vector<int64_t> wanted(size_t(k), -1), counts(size_t(k), -1);
    CHECK(dc4j_kmeans_update(test.context, &x.view, labels.data(), &expected.view, wanted.data()) ==
          DC4J_OK);
    int64_t moved = -1, different = 0;
    CHECK(dc4j_kmeans_sums_update(sums, &x.view, labels.data(), &c.view, counts.data(), &moved) ==
              DC4J_OK,
          << dc4j_last_error());
    for (size_t i = 0; i < labels.size(); i++) different += labels[i] != before[i];
    CHECK(moved == different, << moved << " moved, expected " << different);
    CHECK(counts == wanted, << n << "x" << d << " k" << k);
    for (int64_t j = 0; j < k; j++) {
      for (int64_t t = 0; t < d; t++) {
        CHECK(sameBits(c.row(j)[t], expected.row(j)[t]),
              << n << "x" << d << " k" << k << " round " << round << " centroid " << j);
      }
    }
    before = labels;
    if (round == 3) labels = draw(engine, n, k, 0);  // all of them; else some, once none
    for (int64_t i = 0; i < n && round < 2; i += 3) labels[i] = draw(engine, 1, k, -1)[0];
  }
  dc4j_kmeans_sums_close(sums);
}

static void refusals(const TestContext& test) {
  TestMatrix x(9, 4), c(3, 4), other(8, 4), narrow(9, 3), few(2, 4);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> labels(9, 1);
  std::vector<int64_t> counts(3), same;
  int64_t moved = 0;
  dc4j_kmeans_sums* sums = nullptr;
  CHECK(dc4j_kmeans_sums_begin(nullptr, &x.view, 3, &sums) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_sums_begin(test.context, nullptr, 3, &sums) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_sums_begin(test.context, &x.view, 3, nullptr) == DC4J_INVALID_ARGUMENT);
  for (int64_t k : {int64_t(0), int64_t(-1), INT64_C(1) << 31}) {
    CHECK(dc4j_kmeans_sums_begin(test.context, &x.view, k, &sums) == DC4J_INVALID_ARGUMENT);
    CHECK(sums == nullptr && errorHas("k is"), << dc4j_last_error());
  }
  x.row(5)[2] = NAN;
  CHECK(dc4j_kmeans_sums_begin(test.context, &x.view, 3, &sums) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 5"), << dc4j_last_error());
  x.row(5)[2] = 1;
  CHECK(dc4j_kmeans_sums_begin(test.context, &x.view, 3, &sums) == DC4J_OK);
  const auto update = [&](const dc4j_matrix* rows, const int32_t* from, dc4j_matrix* to) {
    return dc4j_kmeans_sums_update(sums, rows, from, to, counts.data(), &moved);
  };
  CHECK(update(&other.view, labels.data(), &c.view) == DC4J_INVALID_ARGUMENT);
  CHECK(update(&narrow.view, labels.data(), &c.view) == DC4J_INVALID_ARGUMENT);
  CHECK(update(&x.view, nullptr, &c.view) == DC4J_INVALID_ARGUMENT);
  CHECK(update(&x.view, labels.data(), &few.view) == DC4J_INVALID_ARGUMENT);
  CHECK(update(nullptr, labels.data(), &c.view) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix inside = c.view;
  inside.data = x.row(2);
  CHECK(update(&x.view, labels.data(), &inside) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_sums_update(nullptr, &x.view, labels.data(), &c.view, counts.data(), &moved) ==
        DC4J_INVALID_ARGUMENT);
  for (int32_t bad : {-2, 3}) {
    labels[8] = bad;
    CHECK(update(&x.view, labels.data(), &c.view) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("labels[8]"), << dc4j_last_error());
  }
  labels[8] = -1;
  CHECK(update(&x.view, labels.data(), &c.view) == DC4J_OK);
  CHECK(moved == 8 && counts[1] == 8, << moved);
  dc4j_kmeans_sums_close(sums);
  dc4j_kmeans_sums_close(nullptr);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    for (int64_t n : {0, 1, 7, 300}) {
      for (int64_t d : {1, 5, 64, 200, 257}) {
        for (int64_t k : {1, 2, 37}) compare(test, n, d, k, 1);
      }
    }
    for (float scale : {1e-40f, 1e-18f, 1e18f, 5e37f}) compare(test, 40, 33, 6, scale);
    refusals(test);
  });
  return finish();
}
