// nearest: ids and distances bit for bit as defined, exclusion, padding, ties, long lists, several
// chunks.
#include <dc4j/kernels.h>

#include <algorithm>
#include <limits>

#include "plain.h"

static const float kInfinity = std::numeric_limits<float>::infinity();

static void compare(const TestContext& test, TestMatrix& q, TestMatrix& base, int64_t m,
                    const std::vector<int64_t>* exclude, const std::string& what) {
  const int64_t n = q.view.rows;
  std::vector<int64_t> ids(size_t(n * m + 1), -9);
  std::vector<float> distances(size_t(n * m + 1), -9);
  CHECK(dc4j_nearest(test.context, &q.view, &base.view, m, exclude ? exclude->data() : nullptr,
                     ids.data(), distances.data()) == DC4J_OK,
        << what << dc4j_last_error());
  for (int64_t i = 0; i < n; i++) {
    auto ranking = plainRanking(q.row(i), base, exclude ? (*exclude)[i] : -1);
    std::sort(ranking.begin(), ranking.end());
    for (int64_t p = 0; p < m; p++) {
      const bool there = p < int64_t(ranking.size());
      const int64_t id = there ? ranking[p].second : -1;
      CHECK(ids[i * m + p] == id, << what << " row " << i << " place " << p);
      const float distance =
          there ? float(plainDistance(q.row(i), base.row(id), q.view.cols)) : kInfinity;
      CHECK(sameBits(distances[i * m + p], distance), << what << " row " << i << " place " << p);
    }
  }
  CHECK(ids[n * m] == -9 && distances[n * m] == -9, << what);
}

static void sizes(const TestContext& test) {
  for (int64_t d : {1, 3, 8, 17, 33, 100}) {
    for (int64_t n : {0, 1, 2, 33, 100, 300}) {
      for (int64_t m : {1, 2, 5, 30, 150}) {
        if (m == 150 && d != 8) continue;
        TestMatrix q(7, d, d + 1), base(n, d, d + 2);
        fillGaussian(q, uint64_t(d));
        fillGaussian(base, uint64_t(n + 1));
        compare(test, q, base, m, nullptr, "sizes");
      }
    }
  }
}

static void ties(const TestContext& test) {
  TestMatrix base(400, 3);
  fillIntegers(base, 9, 1);
  std::vector<int64_t> itself;
  for (int64_t i = 0; i < 400; i++) itself.push_back(i % 5 == 0 ? -1 : i);
  compare(test, base, base, 12, &itself, "integers, itself excluded");
  TestMatrix same(500, 6), one(3, 6);
  fillGaussian(one, 4);
  for (int64_t i = 0; i < 500; i++) std::copy_n(one.row(0), 6, same.row(i));
  compare(test, one, same, 20, nullptr, "equal rows");
  for (int64_t i = 0; i < 500; i += 9) std::fill_n(same.row(i), 6, 2e30f);
  compare(test, one, same, 20, nullptr, "equal rows and outliers");
  std::fill_n(one.row(1), 6, 1e30f);
  compare(test, one, same, 60, nullptr, "outlier query");
}

/** A base of more than one packed chunk, and lists too long for the tiles. */
static void large(const TestContext& test) {
  if (dc4j_context_threads(test.context) != 2) return;  // enough once per tier
  static TestMatrix q(4, 4096), base(2200, 4096);
  if (base.row(0)[0] == 0) {
    fillIntegers(base, 21, 3);
    fillIntegers(q, 22, 3);
    base.row(0)[0] = 1;
  }
  std::vector<int64_t> ids(4 * 9);
  CHECK(dc4j_nearest(test.context, &q.view, &base.view, 9, nullptr, ids.data(), nullptr) ==
        DC4J_OK);
  static std::vector<int64_t> expected;
  for (int64_t i = 0; i < 4 && expected.size() < ids.size(); i++) {
    auto ranking = plainRanking(q.row(i), base);
    std::sort(ranking.begin(), ranking.end());
    for (int p = 0; p < 9; p++) expected.push_back(ranking[p].second);
  }
  CHECK(ids == expected);
  TestMatrix few(3, 2), many(2500, 2);
  fillGaussian(few, 1);
  fillGaussian(many, 2);
  compare(test, few, many, 2100, nullptr, "long lists");
}

static void refusals(const TestContext& test) {
  TestMatrix q(5, 3), base(6, 3), narrow(6, 2);
  std::vector<int64_t> ids(50), exclude(5, -1);
  const auto call = [&](const dc4j_matrix* b, int64_t m, int64_t* to) {
    return dc4j_nearest(test.context, &q.view, b, m, exclude.data(), to, nullptr);
  };
  CHECK(call(&base.view, 2, ids.data()) == DC4J_OK);
  CHECK(call(&base.view, 0, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&base.view, INT64_MAX, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&base.view, 2, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&narrow.view, 2, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, 2, ids.data()) == DC4J_INVALID_ARGUMENT);
  for (int64_t bad : {-2, 6}) {
    exclude[3] = bad;
    CHECK(call(&base.view, 2, ids.data()) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("exclude[3]") && errorHas("-1..5"), << dc4j_last_error());
  }
  exclude[3] = 5;
  for (float* shared : {q.row(0), base.row(0)}) {
    CHECK(dc4j_nearest(test.context, &q.view, &base.view, 2, nullptr, ids.data(), shared) ==
          DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("distances and ") && errorHas(" overlap"), << dc4j_last_error());
  }
  q.row(4)[2] = NAN;
  CHECK(call(&base.view, 2, ids.data()) == DC4J_NOT_FINITE);
  CHECK(errorHas("queries") && errorHas("row 4"), << dc4j_last_error());
  base.row(5)[0] = kInfinity;
  CHECK(call(&base.view, 2, ids.data()) == DC4J_NOT_FINITE);
  CHECK(errorHas("base") && errorHas("row 5"), << dc4j_last_error());
  q.view.rows = 0;
  base.row(5)[0] = 0;
  CHECK(call(&base.view, INT64_MAX, nullptr) == DC4J_OK);
}

/** Infinite rows give scores that are NaN, which have no order of their own; more of them are
 * wanted than a warp has lanes. */
static void notFinite(const TestContext& test) {
  TestMatrix q(16, 1), base(34, 1);
  for (float& value : q.values) value = 0.5f;
  for (float& value : base.values) value = -1;
  q.row(15)[0] = kInfinity;
  base.row(31)[0] = 0;
  base.row(33)[0] = 1;
  std::vector<int64_t> ids(16 * 33);
  CHECK(dc4j_nearest(test.context, &q.view, &base.view, 33, nullptr, ids.data(), nullptr) ==
        DC4J_NOT_FINITE);
  CHECK(errorHas("queries") && errorHas("row 15"), << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    sizes(test);
    ties(test);
    large(test);
    refusals(test);
    notFinite(test);
  });
  return finish();
}
