// kmeans_assign and kmeans_assign2: awkward sizes, ties, duplicates, scales, strides, refusals;
// labels and distances bit for bit as the header defines them, on every backend.
#include <dc4j/kernels.h>

#include <algorithm>
#include <limits>

#include "plain.h"

static const float kInfinity = std::numeric_limits<float>::infinity();

struct Expected {
  std::vector<int32_t> first, second;
  std::vector<float> first_distances, second_distances;
  double objective = 0;
};

static Expected expect(TestMatrix& x, const TestMatrix& c) {
  Expected e;
  double block = 0;
  for (int64_t i = 0; i < x.view.rows; i++) {
    auto ranking = plainRanking(x.row(i), c);
    const size_t wanted = std::min<size_t>(2, ranking.size());
    std::partial_sort(ranking.begin(), ranking.begin() + wanted, ranking.end());
    const auto distance = [&](size_t p) {
      return plainDistance(x.row(i), c.values.data() + ranking[p].second * c.view.stride,
                           x.view.cols);
    };
    e.first.push_back(int32_t(ranking[0].second));
    e.first_distances.push_back(float(distance(0)));
    block += distance(0);
    if (i % 1024 == 1023 || i + 1 == x.view.rows) {
      e.objective += block;
      block = 0;
    }
    if (wanted < 2) continue;
    e.second.push_back(int32_t(ranking[1].second));
    e.second_distances.push_back(float(distance(1)));
  }
  return e;
}

static void compare(const TestContext& test, const std::string& what, TestMatrix& x,
                    const TestMatrix& c, const Expected& e) {
  const size_t n = size_t(x.view.rows);
  std::vector<int32_t> first(n + 1, -7), second(n + 1, -7);
  std::vector<float> d1(n + 1, -7), d2(n + 1, -7);
  double objective = -1;
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, first.data(), d1.data(), &objective) ==
            DC4J_OK,
        << what << dc4j_last_error());
  for (size_t i = 0; i < n; i++) {
    CHECK(first[i] == e.first[i], << what << " row " << i << ": " << first[i] << ", expected "
                                  << e.first[i]);
    CHECK(sameBits(d1[i], e.first_distances[i]), << what << " row " << i);
  }
  CHECK(first[n] == -7 && d1[n] == -7, << what);
  CHECK(objective == e.objective, << what << " " << objective << " expected " << e.objective);
  std::fill(first.begin(), first.end(), -7);
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, first.data(), nullptr, nullptr) ==
        DC4J_OK);
  CHECK(std::equal(e.first.begin(), e.first.end(), first.begin()), << what << " labels only");
  // Right, wrong and impossible labels beforehand.
  for (size_t i = 0; i < n; i += 2) {
    first[i] = int32_t(i * 7919 % (size_t(c.view.rows) + 2)) - 1;
  }
  objective = -1;
  CHECK(dc4j_kmeans_reassign(test.context, &x.view, &c.view, first.data(), d1.data(), &objective) ==
            DC4J_OK,
        << what << dc4j_last_error());
  CHECK(std::equal(e.first.begin(), e.first.end(), first.begin()), << what << " reassigned");
  CHECK(objective == e.objective, << what << " reassigned");
  if (c.view.rows < 2) return;
  std::fill(first.begin(), first.end(), -7);
  CHECK(dc4j_kmeans_assign2(test.context, &x.view, &c.view, first.data(), second.data(), d1.data(),
                            d2.data()) == DC4J_OK,
        << what << dc4j_last_error());
  for (size_t i = 0; i < n; i++) {
    CHECK(first[i] == e.first[i] && second[i] == e.second[i], << what << " pair of row " << i);
    CHECK(sameBits(d1[i], e.first_distances[i]) && sameBits(d2[i], e.second_distances[i]),
          << what << " row " << i);
  }
}

struct Case {
  std::string name;
  TestMatrix x, c;
  Expected e;
  Case(std::string what, int64_t n, int64_t d, int64_t k, int64_t pad)
      : name(std::move(what)), x(n, d, d + pad), c(k, d, d + 2 * pad) {}
};

static std::vector<Case*>& cases() {
  static std::vector<Case*> all;
  return all;
}

/** gaussian data; every value of the padding is NaN, which nothing may read. */
static Case* add(const std::string& name, int64_t n, int64_t d, int64_t k, int64_t pad = 0) {
  Case* made =
      new Case(name + " " + std::to_string(n) + "x" + std::to_string(d) + " k" + std::to_string(k),
               n, d, k, pad);
  fillGaussian(made->x, uint64_t(n * 7 + d));
  fillGaussian(made->c, uint64_t(k * 13 + d));
  for (TestMatrix* m : {&made->x, &made->c}) {
    for (int64_t i = 0; i < m->view.rows; i++) {
      for (int64_t t = m->view.cols; t < m->view.stride; t++) m->row(i)[t] = NAN;
    }
  }
  cases().push_back(made);
  return made;
}

static void scale(TestMatrix& m, float by) {
  for (float& v : m.values) v *= by;
}

static void plainCases() {
  for (int64_t d : {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 255, 256, 257}) {
    add("sizes", 11, d, 33, d % 3);
    add("sizes", 13, d, 2, 1);
  }
  for (int64_t n : {0, 1, 5, 11, 12, 13, 239, 241}) {
    for (int64_t k : {1, 2, 31, 32, 33, 100}) add("sizes", n, 9, k, 2);
  }
  // Depths around what Hopper's pass keeps and streams, over several of its blocks.
  for (int64_t d : {192, 193, 320, 384, 385, 448, 512, 513, 1100}) add("depths", 30, d, 300, 1);
  // And so many of them that what it keeps of a block is used again, for either kind of depth.
  add("many blocks", 30, 24, 9000);
  add("many blocks", 30, 390, 4700);
  add("many", 13, 32, 1000);
  add("many", 1030, 3, 40);
  // Columns are scanned twice in groups: at most 1,024, fewer of long rows.
  for (int64_t k : {1023, 1024, 1025, 1057, 2500}) add("groups", 29, 24, k, 1);
  add("groups of long rows", 13, 2100, 300);
  add("no columns", 5, 0, 3);
}

static void tieCases() {
  fillIntegers(add("integers", 61, 17, 100)->x, 1, 2);
  fillIntegers(cases().back()->c, 2, 2);
  fillIntegers(add("few integers", 40, 2, 1000)->x, 3, 1);
  fillIntegers(cases().back()->c, 4, 1);
  Case* same = add("equal rows", 37, 33, 200);
  for (int64_t i = 0; i < 37; i++) std::copy_n(same->x.row(0), 33, same->x.row(i));
  Case* copies = add("duplicated centroids", 25, 40, 300);
  for (int64_t j = 0; j < 300; j++) std::copy_n(copies->c.row(j % 3), 40, copies->c.row(j));
  Case* apart = add("equal centroids beyond the first", 25, 24, 2100);
  for (int64_t j = 700; j < 2100; j++) std::copy_n(apart->c.row(j % 700), 24, apart->c.row(j));
  Case* near = add("nearly duplicated centroids", 25, 40, 300);
  for (int64_t j = 1; j < 300; j++) {
    std::copy_n(near->c.row(0), 40, near->c.row(j));
    near->c.row(j)[j % 40] = std::nextafter(near->c.row(j)[j % 40], j % 2 ? 9.0f : -9.0f);
  }
  scale(add("zero rows", 12, 20, 50)->x, 0);
  scale(add("zero centroids", 12, 20, 50)->c, 0);
}

static void scaleCases() {
  for (float by : {1e-18f, 1e18f, 1e-30f, 3e37f}) {
    Case* made = add("scale " + std::to_string(std::log10(by)), 29, 40, 70);
    scale(made->x, by);
    scale(made->c, by);
  }
  Case* denormal = add("denormals", 29, 40, 70);
  fillIntegers(denormal->x, 5, 3);
  fillIntegers(denormal->c, 6, 3);
  scale(denormal->x, 1e-44f);
  scale(denormal->c, 1e-44f);
  Case* mixed = add("outliers", 50, 33, 90);
  for (int64_t i = 0; i < 50; i += 7) {
    for (int64_t t = 0; t < 33; t++) mixed->x.row(i)[t] *= 1e30f;
  }
  for (int64_t j = 1; j < 90; j += 11) {
    for (int64_t t = 0; t < 33; t++) mixed->c.row(j)[t] *= 1e25f;
  }
  Case* offset = add("far from the origin", 60, 64, 80);
  for (float& v : offset->x.values) v += 3000;
  for (float& v : offset->c.values) v += 3000;
  Case* huge = add("largest floats", 9, 8, 12);
  for (TestMatrix* m : {&huge->x, &huge->c}) {
    for (float& v : m->values) v = v < 0 ? -3e38f : 3e38f;
  }
}

/** Elements of very different spread, in no order: what mixed words are for. The widest spread
 * makes the norm decide the quantum, so that sums of wide products stay in int32. */
static void spreadCases() {
  for (float fall : {1.0f, 2.0f, 8.0f}) {
    for (int64_t d : {16, 17, 32, 61, 256}) {
      Case* made = add("spread " + std::to_string(fall), 430, d, 150, d % 3);
      for (TestMatrix* m : {&made->x, &made->c}) {
        for (int64_t i = 0; i < m->view.rows; i++) {
          for (int64_t t = 0; t < d; t++) m->row(i)[t] /= std::pow(float(1 + t * 7 % d), fall);
        }
      }
    }
  }
}

/** Large enough to choose integers by itself, and what integers do badly at. */
static void formatCases() {
  add("chosen", 500, 64, 200);
  add("chosen", 400, 130, 90, 3);
  Case* spike = add("one large coordinate", 450, 48, 150);
  for (TestMatrix* m : {&spike->x, &spike->c}) {
    for (int64_t i = 0; i < m->view.rows; i++) m->row(i)[7] += 1e6f;
  }
  Case* near = add("rows near centroids", 450, 48, 150);
  for (int64_t i = 0; i < 450; i++) {
    for (int64_t t = 0; t < 48; t++) near->x.row(i)[t] = near->c.row(i % 150)[t] * 1.001f;
  }
  Case* rows = add("rows of every size", 420, 32, 100);
  for (int64_t i = 0; i < 420; i++) {
    for (int64_t t = 0; t < 32; t++) rows->x.row(i)[t] *= std::pow(10.0f, float(i % 70) - 40);
  }
  scale(add("small", 420, 32, 100)->x, 1e-20f);
  scale(cases().back()->c, 1e-19f);
}

static void refusals(const TestContext& test) {
  TestMatrix x(30, 5), c(40, 5), narrow(4, 4), none(0, 5), one(1, 5);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> labels(30), second(30);
  std::vector<float> distances(30);
  const auto assign = [&](const dc4j_matrix* a, const dc4j_matrix* b, int32_t* to) {
    return dc4j_kmeans_assign(test.context, a, b, to, nullptr, nullptr);
  };
  CHECK(assign(&x.view, &narrow.view, labels.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(assign(&x.view, &none.view, labels.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(assign(&x.view, &c.view, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(assign(nullptr, &c.view, labels.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(assign(&x.view, nullptr, labels.data()) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix wrong = c.view;
  wrong.place = DC4J_CUDA;
  CHECK(assign(&x.view, &wrong, labels.data()) == DC4J_INVALID_ARGUMENT);
  wrong = c.view;
  wrong.rows = -1;
  CHECK(assign(&x.view, &wrong, labels.data()) == DC4J_INVALID_ARGUMENT);
  wrong.rows = INT64_C(1) << 31;
  CHECK(assign(&x.view, &wrong, labels.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_assign(nullptr, &x.view, &c.view, labels.data(), nullptr, nullptr) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_assign2(test.context, &x.view, &c.view, labels.data(), second.data(),
                            distances.data(), distances.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("first_distances and second_distances overlap"), << dc4j_last_error());
  CHECK(dc4j_kmeans_assign2(test.context, &x.view, &one.view, labels.data(), second.data(), nullptr,
                            nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_assign2(test.context, &x.view, &c.view, labels.data(), second.data(),
                            distances.data(), nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_kmeans_assign2(test.context, &x.view, &c.view, labels.data(), nullptr, nullptr,
                            nullptr) == DC4J_INVALID_ARGUMENT);
  for (float* shared : {x.row(3), c.row(2)}) {
    CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, labels.data(), shared, nullptr) ==
          DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("distances and ") && errorHas(" overlap"), << dc4j_last_error());
  }
  for (float bad : {float(NAN), kInfinity, -kInfinity}) {
    x.row(27)[4] = bad;
    x.row(17)[0] = bad;
    CHECK(assign(&x.view, &c.view, labels.data()) == DC4J_NOT_FINITE);
    CHECK(errorHas("x holds") && errorHas("row 17"), << dc4j_last_error());
    c.row(39)[1] = bad;
    CHECK(assign(&x.view, &c.view, labels.data()) == DC4J_NOT_FINITE);
    CHECK(errorHas("centroids") && errorHas("row 39"), << dc4j_last_error());
    c.row(39)[1] = 0;
  }
}

int main() {
  plainCases();
  tieCases();
  scaleCases();
  formatCases();
  spreadCases();
  for (Case* one : cases()) one->e = expect(one->x, one->c);
  onEveryBackend([](const TestContext& test) {
    for (Case* one : cases()) compare(test, one->name, one->x, one->c, one->e);
    refusals(test);
  });
  for (Case* one : cases()) delete one;
  return finish();
}
