// ratio_loss: value and gradient against plain fp64, central differences, points on a centroid,
// equal centroids, left-out rows, scales, refusals.
#include <dc4j/losses.h>

#include <algorithm>

#include "plain.h"

struct Labels {
  std::vector<int32_t> first, second;
};

static double plainRatio(const float* x, const float* near, const float* far, int64_t d,
                         double epsilon) {
  if (std::equal(near, near + d, far)) return 1;
  const double v2 = plainDistance(x, far, d);
  return std::sqrt(plainDistance(x, near, d)) / std::sqrt(v2 + epsilon * epsilon);
}

static double plainLoss(TestMatrix& x, TestMatrix& c, const Labels& l, double epsilon) {
  double total = 0, count = 0;
  for (int64_t i = 0; i < x.view.rows; i++) {
    if (l.first[i] < 0 || l.second[i] < 0) continue;
    total += plainRatio(x.row(i), c.row(l.first[i]), c.row(l.second[i]), x.view.cols, epsilon);
    count++;
  }
  return count > 0 ? total / count : 0;
}

static std::vector<double> plainGradient(TestMatrix& x, TestMatrix& c, const Labels& l,
                                         double epsilon) {
  const int64_t n = x.view.rows, d = x.view.cols;
  std::vector<double> gradient(size_t(n * d), 0.0);
  double count = 0;
  for (int64_t i = 0; i < n; i++) count += l.first[i] >= 0 && l.second[i] >= 0;
  for (int64_t i = 0; i < n; i++) {
    if (l.first[i] < 0 || l.second[i] < 0) continue;
    const float *row = x.row(i), *near = c.row(l.first[i]), *far = c.row(l.second[i]);
    if (std::equal(near, near + d, far)) continue;
    const double u = std::sqrt(plainDistance(row, near, d));
    const double w = std::sqrt(plainDistance(row, far, d) + epsilon * epsilon);
    for (int64_t t = 0; t < d; t++) {
      const double a = double(row[t]) - near[t], b = double(row[t]) - far[t];
      gradient[i * d + t] = (a / std::max(u, epsilon) - b * (u / w) / w) / w / count;
    }
  }
  return gradient;
}

static void compare(const TestContext& test, TestMatrix& x, TestMatrix& c, const Labels& l,
                    double epsilon, const std::string& what) {
  const int64_t n = x.view.rows, d = x.view.cols;
  TestMatrix gradient(n, d, d + 3);
  std::fill(gradient.values.begin(), gradient.values.end(), 77.0f);
  double loss = -1, alone = -1;
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), epsilon,
                        &gradient.view, &loss) == DC4J_OK,
        << what << dc4j_last_error());
  const double expected = plainLoss(x, c, l, epsilon);
  CHECK(std::fabs(loss - expected) <= 1e-14 * expected, << what << " " << loss << " " << expected);
  const std::vector<double> wanted = plainGradient(x, c, l, epsilon);
  for (int64_t i = 0; i < n; i++) {
    double largest = 0;
    for (int64_t t = 0; t < d; t++) largest = std::max(largest, std::fabs(wanted[i * d + t]));
    for (int64_t t = 0; t < d; t++) {
      const double got = gradient.row(i)[t], want = wanted[i * d + t];
      CHECK(std::fabs(got - want) <= 6e-8 * std::fabs(want) + 1e-14 * largest + 1e-44,
            << what << " " << i << "," << t << ": " << got << " " << want);
    }
    for (int64_t t = d; t < gradient.view.stride; t++) CHECK(gradient.row(i)[t] == 77.0f);
  }
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), epsilon,
                        nullptr, &alone) == DC4J_OK);
  CHECK(alone == loss, << what);
}

static Labels cycle(int64_t n, int64_t k) {
  Labels l;
  for (int64_t i = 0; i < n; i++) {
    l.first.push_back(i % 11 == 5 ? -1 : int32_t(i % k));
    l.second.push_back(i % 13 == 7 ? -1 : int32_t((i + 1 + i % (k - 1)) % k));
  }
  return l;
}

static void values(const TestContext& test) {
  for (int64_t d : {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 257}) {
    for (int64_t n : {0, 1, 5, 64, 200}) {
      TestMatrix x(n, d, d + 1), c(7, d, d + 2);
      fillGaussian(x, uint64_t(n + d));
      fillGaussian(c, uint64_t(n + d + 1));
      compare(test, x, c, cycle(n, 7), 1e-6, "gaussian");
    }
  }
  for (float scale : {1e-30f, 1e-5f, 1e18f, 3e37f}) {
    TestMatrix x(9, 40), c(5, 40);
    fillGaussian(x, 3, scale);
    fillGaussian(c, 4, scale);
    compare(test, x, c, cycle(9, 5), 1e-6, "scale");
  }
  TestMatrix x(3, 4), none(0, 4);
  compare(test, x, none, {{-1, -1, -1}, {-1, -1, -1}}, 1e-6, "all left out");
}

/** On a centroid, on both of two equal ones, half-way, at less than epsilon. */
static void corners(const TestContext& test) {
  TestMatrix x(5, 2), c(4, 2), gradient(5, 2);
  c.values = {0, 0, 2, 0, 2, 0, 0, 8};
  x.values = {0, 0, 1, 0, 2, 0, 5, 1, 2, 1e-7f};
  const Labels l = {{0, 0, 1, 1, 1}, {1, 1, 2, 2, 0}};
  compare(test, x, c, l, 1e-6, "corners");
  double loss = 0;
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), 1e-6,
                        &gradient.view, &loss) == DC4J_OK);
  CHECK(std::fabs(loss - (0 + 1 + 1 + 1 + 5e-8) / 5) < 1e-12, << loss);
  for (int i : {0, 2, 3}) CHECK(gradient.row(i)[0] == 0 && gradient.row(i)[1] == 0, << i);
  for (float value : gradient.values) CHECK(std::isfinite(value));
}

/** The judge's gradient against its loss. */
static void differences(const TestContext& test) {
  TestMatrix x(4, 6), c(5, 6), gradient(4, 6);
  fillGaussian(x, 8);
  fillGaussian(c, 9);
  const Labels l = {{0, 4, -1, 2}, {3, 1, 2, 0}};
  double loss = 0;
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), 1e-6,
                        &gradient.view, &loss) == DC4J_OK);
  for (size_t e = 0; e < x.values.size(); e++) {
    const float value = x.values[e], step = 1 / 4096.0f;
    x.values[e] = value + step;
    const double above = plainLoss(x, c, l, 1e-6), high = x.values[e];
    x.values[e] = value - step;
    const double below = plainLoss(x, c, l, 1e-6), low = x.values[e];
    x.values[e] = value;
    CHECK(std::fabs((above - below) / (high - low) - gradient.values[e]) < 1e-7,
          << e << ": " << (above - below) / (high - low) << " " << gradient.values[e]);
  }
}

static void refusals(const TestContext& test) {
  TestMatrix x(4, 3), c(5, 3), gradient(4, 3), wide(4, 4);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  Labels l = {{0, 1, 2, 3}, {1, 2, 3, 4}};
  double loss = 0;
  const auto call = [&](dc4j_matrix* to, double epsilon = 1e-6) {
    return dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), epsilon,
                           to, &loss);
  };
  CHECK(call(&gradient.view) == DC4J_OK);
  CHECK(call(&wide.view) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&x.view) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("overlap"), << dc4j_last_error());
  for (double bad : {0.0, -1.0, double(NAN), double(INFINITY)}) {
    CHECK(call(nullptr, bad) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("epsilon"), << dc4j_last_error());
  }
  l.second[2] = 2;
  CHECK(call(nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("first[2] and second[2]"), << dc4j_last_error());
  for (int32_t bad : {-2, 5}) {
    l.second[2] = bad;
    CHECK(call(nullptr) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("second[2]"), << dc4j_last_error());
  }
  l.second[2] = -1;
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, nullptr, l.second.data(), 1e-6, nullptr,
                        &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_ratio_loss(test.context, &x.view, &c.view, l.first.data(), l.second.data(), 1e-6,
                        nullptr, nullptr) == DC4J_INVALID_ARGUMENT);
  for (float bad : {float(NAN), float(INFINITY), float(-INFINITY)}) {
    c.row(2)[1] = bad;
    CHECK(call(&gradient.view) == DC4J_NOT_FINITE);
    CHECK(errorHas("centroids") && errorHas("row 2"), << dc4j_last_error());
    for (int64_t row : {2, 3}) {  // a row left out and one that counts
      x.row(row)[0] = bad;
      CHECK(call(nullptr) == DC4J_NOT_FINITE);
      CHECK(errorHas("x holds") && errorHas(row == 2 ? "row 2" : "row 3"), << dc4j_last_error());
      x.row(row)[0] = 0;
    }
    c.row(2)[1] = 0;
  }
  l.second[1] = 4;
  c.row(2)[0] = float(NAN);  // now named by a row left out only
  CHECK(call(&gradient.view) == DC4J_OK, << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    corners(test);
    differences(test);
    refusals(test);
  });
  return finish();
}
