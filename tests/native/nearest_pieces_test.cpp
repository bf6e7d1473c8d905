// Neighbours among a base that does not fit on the device, as anything beyond 32 KiB is where
// DC4J_CUDA_MEMORY says so (search_pieces.h): the reference's ids and distances bit for bit,
// whatever piece they come from.
#include <dc4j/kernels.h>

#include "on_device.h"
#include "plain.h"

namespace {

struct Case {
  const TestContext& test;
  const TestContext& judge;
  std::string what;
};

struct Neighbours {
  std::vector<int64_t> ids;
  std::vector<float> distances;
  explicit Neighbours(int64_t count) : ids(size_t(count), -9), distances(size_t(count), -9) {}
};

void same(const Case& c, const Neighbours& got, const Neighbours& expected) {
  CHECK(got.ids == expected.ids, << c.what);
  for (size_t p = 0; p < got.distances.size(); p++) {
    CHECK(sameBits(got.distances[p], expected.distances[p]), << c.what << " entry " << p);
  }
}

void amongBase(const Case& c, TestMatrix& q, TestMatrix& base, int64_t m, const int64_t* exclude) {
  Neighbours got(q.view.rows * m), expected(q.view.rows * m);
  const auto ask = [&](const TestContext& where, Neighbours& to) {
    CHECK(dc4j_nearest(where.context, &q.view, &base.view, m, exclude, to.ids.data(),
                       to.distances.data()) == DC4J_OK,
          << c.what << dc4j_last_error());
  };
  ask(c.test, got);
  ask(c.judge, expected);
  same(c, got, expected);
  Neighbours without_distances(q.view.rows * m);
  CHECK(dc4j_nearest(c.test.context, &q.view, &base.view, m, exclude, without_distances.ids.data(),
                     nullptr) == DC4J_OK);
  CHECK(without_distances.ids == expected.ids, << c.what);
}

void amongThemselves(const Case& c, TestMatrix& x, int64_t m) {
  for (int itself : {0, 1}) {
    Neighbours got(x.view.rows * m), expected(x.view.rows * m);
    const auto ask = [&](const TestContext& where, Neighbours& to) {
      CHECK(dc4j_nearest_self(where.context, &x.view, m, itself, to.ids.data(),
                              to.distances.data()) == DC4J_OK,
            << c.what << dc4j_last_error());
    };
    ask(c.test, got);
    ask(c.judge, expected);
    same(c, got, expected);
  }
}

void sizes(const TestContext& test, const TestContext& judge) {
  for (int64_t d : {3, 129}) {
    for (int64_t m : {1, 7, 90, 400}) {
      TestMatrix q(9, d, d + 1), base(300, d, d + 3);
      fillGaussian(q, 1);
      fillGaussian(base, 2);
      const Case c = {test, judge, "d " + std::to_string(d) + ", m " + std::to_string(m)};
      std::vector<int64_t> exclude(9, -1);
      for (int64_t i = 0; i < 9; i += 2) exclude[i] = 36 * i;
      amongBase(c, q, base, m, nullptr);
      amongBase(c, q, base, m, exclude.data());
    }
  }
  TestMatrix none(0, 40), base(300, 40), x(200, 40, 41);
  fillGaussian(base, 3);
  fillGaussian(x, 4);
  amongBase({test, judge, "no queries"}, none, base, 3, nullptr);
  for (int64_t m : {1, 5, 250}) amongThemselves({test, judge, "self"}, x, m);
}

/** Equal rows in different pieces: the lower row first. Rows that tiles do not take. */
void ties(const TestContext& test, const TestContext& judge) {
  TestMatrix x(240, 20);
  fillIntegers(x, 5, 1);
  for (int64_t i = 0; i < 240; i++) std::copy_n(x.row(i % 7), 20, x.row(i));
  amongThemselves({test, judge, "seven rows"}, x, 12);
  amongThemselves({test, judge, "seven rows, long lists"}, x, 70);
  for (int64_t i = 3; i < 240; i += 50) std::fill_n(x.row(i), 20, 2e30f);
  amongThemselves({test, judge, "outliers"}, x, 12);
  TestMatrix q(9, 20);
  fillGaussian(q, 2, 1e19f);
  amongBase({test, judge, "far rows"}, q, x, 12, nullptr);
}

/** Matrices and results on the device, which keeps no copy of them. */
void onTheDevice(const TestContext& test, const TestContext& judge) {
  TestMatrix q(30, 40, 44), base(700, 40);
  fillGaussian(q, 1);
  fillGaussian(base, 2);
  const int64_t m = 6;
  Neighbours expected(30 * m);
  CHECK(dc4j_nearest(judge.context, &q.view, &base.view, m, nullptr, expected.ids.data(),
                     expected.distances.data()) == DC4J_OK);
  const DeviceMatrix on_q(test, q), on_base(test, base);
  const OnDevice<int64_t> ids(test, std::vector<int64_t>(size_t(30 * m), -9));
  const OnDevice<float> distances(test, std::vector<float>(size_t(30 * m), -9));
  CHECK(dc4j_nearest(test.context, &on_q.view, &on_base.view, m, nullptr, ids.data(),
                     distances.data()) == DC4J_OK,
        << dc4j_last_error());
  CHECK(ids.read() == expected.ids && distances.read() == expected.distances);
}

void notFinite(const TestContext& test) {
  TestMatrix q(30, 40), base(700, 40);
  fillGaussian(q, 1);
  fillGaussian(base, 2);
  std::vector<int64_t> ids(30);
  const auto fails = [&](const char* what, const char* row) {
    CHECK(dc4j_nearest(test.context, &q.view, &base.view, 1, nullptr, ids.data(), nullptr) ==
          DC4J_NOT_FINITE);
    CHECK(errorHas(what) && errorHas(row), << dc4j_last_error());
  };
  q.row(21)[3] = NAN;
  fails("queries", "row 21");
  base.row(650)[0] = INFINITY;
  base.row(699)[0] = NAN;
  fails("base", "row 650");
  CHECK(dc4j_nearest_self(test.context, &base.view, 1, 0, ids.data(), nullptr) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 650"), << dc4j_last_error());
}

}  // namespace

int main() {
  const TestContext judge = openContext("reference", "", 1);
  onEveryBackend([&](const TestContext& test) {
    sizes(test, judge);
    ties(test, judge);
    if (test.is_cuda) onTheDevice(test, judge);
    notFinite(test);
  });
  dc4j_context_close(judge.context);
  return finish();
}
