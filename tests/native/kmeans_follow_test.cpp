// kmeans_follow: labels, distances and objective of kmeans_assign, whichever centroids moved; pairs
// that cannot matter are not compared.
#include <dc4j/kernels.h>

#include <algorithm>

#include "plain.h"

namespace {

struct Result {
  std::vector<int32_t> labels;
  std::vector<float> distances;
  double objective = -1;
  int64_t compared = -1;
};

Result assign(const TestContext& test, TestMatrix& x, TestMatrix& c) {
  Result r;
  r.labels.resize(size_t(x.view.rows));
  r.distances.resize(size_t(x.view.rows));
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, r.labels.data(), r.distances.data(),
                           &r.objective) == DC4J_OK,
        << dc4j_last_error());
  return r;
}

Result follow(const TestContext& test, TestMatrix& x, TestMatrix& c, TestMatrix& previous,
              const std::vector<int32_t>& labels) {
  Result r;
  r.labels = labels;
  r.distances.resize(labels.size());
  CHECK(dc4j_kmeans_follow(test.context, &x.view, &c.view, &previous.view, r.labels.data(),
                           r.distances.data(), &r.objective, &r.compared) == DC4J_OK,
        << dc4j_last_error());
  return r;
}

void same(const Result& got, const Result& wanted, const std::string& what) {
  for (size_t i = 0; i < wanted.labels.size(); i++) {
    CHECK(got.labels[i] == wanted.labels[i], << what << " row " << i);
    CHECK(sameBits(got.distances[i], wanted.distances[i]), << what << " row " << i);
  }
  CHECK(got.objective == wanted.objective, << what);
}

void copy(const TestMatrix& from, TestMatrix& to) { to.values = from.values; }

/** Moves every `step`th centroid, towards a row or away from all. */
void move(TestMatrix& c, TestMatrix& x, int64_t step, float far) {
  for (int64_t j = 0; j < c.view.rows; j += step) {
    for (int64_t t = 0; t < c.view.cols; t++) {
      const float towards = x.view.rows == 0 ? 0 : x.row((j * 7) % x.view.rows)[t];
      c.row(j)[t] = far * c.row(j)[t] + (1 - far) * towards;
    }
  }
}

void sizes(const TestContext& test) {
  for (int64_t d : {1, 5, 17, 64}) {
    for (int64_t n : {0, 1, 13, 500}) {
      for (int64_t k : {1, 2, 30, 150}) {
        TestMatrix x(n, d, d + 1), c(k, d), previous(k, d);
        if (d == 1 || d == 5) {
          fillIntegers(x, uint64_t(n), 2);  // ties and copies
          fillIntegers(previous, uint64_t(k), 2);
        } else {
          fillGaussian(x, uint64_t(n));
          fillGaussian(previous, uint64_t(k));
        }
        const Result before = assign(test, x, previous);
        for (int64_t step : {1, 2, 3, 20, 1000}) {
          for (float far : {0.9f, 0.5f, 3.0f}) {
            copy(previous, c);
            move(c, x, step, far);
            same(follow(test, x, c, previous, before.labels), assign(test, x, c), "sizes");
          }
        }
        same(follow(test, x, previous, previous, before.labels), before, "none moved");
        const std::vector<int32_t> unknown(size_t(n), -1);
        same(follow(test, x, previous, previous, unknown), before, "labels unknown");
      }
    }
  }
}

/** A tie with a centroid that stayed goes to the lower number, whichever of the two moved. */
void ties(const TestContext& test) {
  for (int64_t mover : {0, 9}) {
    TestMatrix x(40, 2), c(10, 2), previous(10, 2);
    for (int64_t j = 0; j < 10; j++) previous.row(j)[0] = float(100 + j);
    for (int64_t i = 0; i < 40; i++) x.row(i)[1] = 1;
    previous.row(9 - mover)[0] = 1;  // stays, nearest to all rows
    const Result before = assign(test, x, previous);
    copy(previous, c);
    c.row(mover)[0] = -1;  // as near
    const Result got = follow(test, x, c, previous, before.labels);
    same(got, assign(test, x, c), "ties");
    CHECK(got.labels[0] == 0, << got.labels[0]);
  }
}

void skips(const TestContext& test) {
  TestMatrix x(400, 20), c(80, 20), previous(80, 20);
  fillGaussian(x, 1);
  fillGaussian(previous, 2);
  const Result before = assign(test, x, previous);
  copy(previous, c);
  const bool compares_all = test.is_reference;
  CHECK(follow(test, x, c, previous, before.labels).compared <= (compares_all ? 32000 : 0));
  move(c, x, 8, 0.9f);  // 10 of 80
  const Result got = follow(test, x, c, previous, before.labels);
  same(got, assign(test, x, c), "skips");
  if (compares_all) return;
  // Rows whose centroid stayed, or came nearer, meet 10.
  int64_t most = 0;
  for (size_t i = 0; i < 400; i++) most += before.labels[i] % 8 == 0 ? 80 : 10;
  CHECK(got.compared >= 4000 && got.compared <= most, << got.compared << " of " << most);
}

void refusals(const TestContext& test) {
  TestMatrix x(20, 3), c(4, 3), previous(4, 3), narrow(4, 2);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  copy(c, previous);
  std::vector<int32_t> labels(20, 0);
  const auto call = [&](const dc4j_matrix* before, int32_t* to, float* distances) {
    return dc4j_kmeans_follow(test.context, &x.view, &c.view, before, to, distances, nullptr,
                              nullptr);
  };
  CHECK(call(&previous.view, labels.data(), nullptr) == DC4J_OK);
  CHECK(call(&narrow.view, labels.data(), nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("previous"), << dc4j_last_error());
  CHECK(call(nullptr, labels.data(), nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&previous.view, nullptr, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&previous.view, labels.data(), previous.row(0)) == DC4J_INVALID_ARGUMENT);
  x.row(7)[1] = NAN;
  CHECK(call(&previous.view, labels.data(), nullptr) == DC4J_NOT_FINITE);
  CHECK(errorHas("x") && errorHas("row 7"), << dc4j_last_error());
  x.row(7)[1] = 0;
  c.row(2)[0] = INFINITY;
  CHECK(call(&previous.view, labels.data(), nullptr) == DC4J_NOT_FINITE);
  CHECK(errorHas("centroids") && errorHas("row 2"), << dc4j_last_error());
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    sizes(test);
    ties(test);
    skips(test);
    refusals(test);
  });
  return finish();
}
