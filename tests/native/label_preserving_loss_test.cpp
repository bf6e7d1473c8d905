// label_preserving_loss: value and both gradients against plain fp64, central differences, ties,
// large scores, left-out rows and supports, refusals.
#include <dc4j/losses.h>

#include <algorithm>
#include <set>

#include "plain.h"

struct Batch {
  TestMatrix x, s;
  std::vector<int32_t> labels, support_labels;
  Batch(int64_t n, int64_t m, int64_t d) : x(n, d, d + 1), s(m, d, d + 2) {}
};

struct Plain {
  double loss = 0;
  std::vector<double> x, s;
};

/** Straight from the formula; term(i) is row i's by its picks. */
static Plain expect(Batch& b, double temperature) {
  const int64_t n = b.x.view.rows, m = b.s.view.rows, d = b.x.view.cols;
  Plain p;
  p.x.assign(size_t(n * d), 0.0);
  p.s.assign(size_t(m * d), 0.0);
  const std::set<int32_t> groups(b.support_labels.begin(), b.support_labels.end());
  double count = 0;
  for (int32_t y : b.labels) count += y >= 0 && groups.count(y);
  for (int64_t i = 0; i < n; i++) {
    const int32_t y = b.labels[i];
    if (y < 0 || !groups.count(y)) continue;
    std::vector<std::pair<int64_t, double>> picks;  // the first is the own one
    const auto pick = [&](int32_t group) {
      int64_t best = -1;
      double value = 0;
      for (int64_t j = 0; j < m; j++) {
        if (b.support_labels[j] != group) continue;
        const double z = plainLanes(
            d, [&](int64_t t, double l) { return l + double(b.x.row(i)[t]) * b.s.row(j)[t]; });
        if (best < 0 || (group == y ? z < value : z > value)) best = j, value = z;
      }
      picks.emplace_back(best, value / temperature);
    };
    pick(y);
    for (int32_t g : groups) {
      if (g >= 0 && g != y) pick(g);
    }
    double shift = 0;
    for (const auto& one : picks) shift = std::max(shift, one.second);
    double others = 1e-6 * std::exp(-shift);
    for (size_t q = 1; q < picks.size(); q++) others += std::exp(picks[q].second - shift);
    const double own = std::exp(picks[0].second - shift), sum = own + others, ratio = own / sum;
    p.loss -= std::log(ratio + 1e-6) / count;
    for (size_t q = 0; q < picks.size(); q++) {
      const double slope = q == 0 ? -others / sum : std::exp(picks[q].second - shift) / sum;
      const double weight = slope * ratio / (ratio + 1e-6) / temperature / count;
      for (int64_t t = 0; t < d; t++) {
        p.x[i * d + t] += weight * b.s.row(picks[q].first)[t];
        p.s[picks[q].first * d + t] += weight * b.x.row(i)[t];
      }
    }
  }
  return p;
}

static void compareMatrix(TestMatrix& got, const std::vector<double>& want,
                          const std::string& what) {
  double largest = 0;
  for (double value : want) largest = std::max(largest, std::fabs(value));
  for (int64_t i = 0; i < got.view.rows; i++) {
    for (int64_t t = 0; t < got.view.cols; t++) {
      const double expected = want[i * got.view.cols + t];
      CHECK(std::fabs(got.row(i)[t] - expected) <=
                6.1e-8 * std::fabs(expected) + 1e-13 * largest + 1e-44,
            << what << " " << i << "," << t << ": " << got.row(i)[t] << " " << expected);
    }
    for (int64_t t = got.view.cols; t < got.view.stride; t++) CHECK(got.row(i)[t] == 77.0f);
  }
}

static dc4j_status run(const TestContext& test, Batch& b, double temperature, dc4j_matrix* to_x,
                       dc4j_matrix* to_s, double* loss) {
  return dc4j_label_preserving_loss(test.context, &b.x.view, b.labels.data(), &b.s.view,
                                    b.support_labels.data(), temperature, to_x, to_s, loss);
}

static void compare(const TestContext& test, Batch& b, double temperature,
                    const std::string& what) {
  const Plain p = expect(b, temperature);
  TestMatrix to_x(b.x.view.rows, b.x.view.cols, b.x.view.cols + 3);
  TestMatrix to_s(b.s.view.rows, b.s.view.cols, b.s.view.cols + 1);
  std::fill(to_x.values.begin(), to_x.values.end(), 77.0f);
  std::fill(to_s.values.begin(), to_s.values.end(), 77.0f);
  double loss = -1, alone = -1;
  CHECK(run(test, b, temperature, &to_x.view, &to_s.view, &loss) == DC4J_OK,
        << what << dc4j_last_error());
  CHECK(std::fabs(loss - p.loss) <= 1e-12 * std::fabs(p.loss), << what << loss << " " << p.loss);
  compareMatrix(to_x, p.x, what + " x");
  compareMatrix(to_s, p.s, what + " supports");
  CHECK(run(test, b, temperature, nullptr, &to_s.view, &alone) == DC4J_OK && alone == loss);
  compareMatrix(to_s, p.s, what + " supports alone");
  CHECK(run(test, b, temperature, &to_x.view, nullptr, &alone) == DC4J_OK && alone == loss);
  compareMatrix(to_x, p.x, what + " x alone");
}

static void values(const TestContext& test) {
  for (int64_t d : {0, 1, 3, 16, 31, 33, 64, 65, 130}) {
    for (int64_t n : {0, 1, 7, 128, 150}) {
      for (int64_t m : {1, 9, 150}) {
        Batch b(n, m, d);
        fillGaussian(b.x, uint64_t(n + d));
        fillGaussian(b.s, uint64_t(m + d), 0.5f);
        for (int64_t i = 0; i < n; i++) b.labels.push_back(int32_t(i * 7 % 11) - 1);
        for (int64_t j = 0; j < m; j++) b.support_labels.push_back(int32_t(j % 10) - 1);
        compare(test, b, 0.6, "gaussian");
      }
    }
  }
  for (float scale : {0.0f, 1e-20f, 20.0f, 1e4f, 1e9f}) {
    Batch b(12, 15, 5);
    fillIntegers(b.x, 1, 1);  // many ties
    fillIntegers(b.s, 2, 1);
    for (float& v : b.x.values) v *= scale;
    for (int i = 0; i < 12; i++) b.labels.push_back(i % 4);
    for (int j = 0; j < 15; j++) b.support_labels.push_back(j % 4 == 3 ? 2147483647 : j % 4);
    compare(test, b, 0.6, "scale " + std::to_string(scale));
  }
}

/** One label only: P / (P + 1e-6), a loss of almost nothing. */
static void oneLabel(const TestContext& test) {
  Batch b(1, 2, 1);
  b.x.row(0)[0] = 1;
  b.s.row(0)[0] = 0.5f;
  b.s.row(1)[0] = -0.25f;
  b.labels = {3};
  b.support_labels = {3, 3};
  double loss = 0;
  CHECK(run(test, b, 0.5, nullptr, nullptr, &loss) == DC4J_OK);
  const double e = std::exp(-0.5);
  CHECK(std::fabs(loss + std::log(e / (e + 1e-6) + 1e-6)) < 1e-15, << loss);
}

/** The gradients against the loss. */
static void differences(const TestContext& test) {
  Batch b(5, 7, 4);
  fillGaussian(b.x, 8);
  fillGaussian(b.s, 9);
  b.labels = {0, 1, -1, 2, 9};
  b.support_labels = {0, 1, 2, 0, -1, 2, 4};
  TestMatrix to_x(5, 4), to_s(7, 4);
  double loss = 0;
  CHECK(run(test, b, 0.6, &to_x.view, &to_s.view, &loss) == DC4J_OK);
  for (int which = 0; which < 2; which++) {
    TestMatrix& of = which == 0 ? b.x : b.s;
    TestMatrix& gradient = which == 0 ? to_x : to_s;
    for (int64_t i = 0; i < of.view.rows; i++) {
      for (int64_t t = 0; t < 4; t++) {
        const float value = of.row(i)[t], step = 1 / 4096.0f;
        of.row(i)[t] = value + step;
        const double above = expect(b, 0.6).loss, high = of.row(i)[t];
        of.row(i)[t] = value - step;
        const double below = expect(b, 0.6).loss, low = of.row(i)[t];
        of.row(i)[t] = value;
        const double slope = (above - below) / (high - low);
        CHECK(std::fabs(slope - gradient.row(i)[t]) < 5e-7, << which << " " << i << "," << t);
      }
    }
  }
}

static void refusals(const TestContext& test) {
  Batch b(3, 4, 2);
  fillGaussian(b.x, 1);
  fillGaussian(b.s, 2);
  b.labels = {0, 1, -1};
  b.support_labels = {0, 1, 5, -1};
  TestMatrix to_x(3, 2), to_s(4, 2), both(4, 2);
  double loss = 0;
  CHECK(run(test, b, 0.6, &to_x.view, &to_s.view, &loss) == DC4J_OK);
  CHECK(run(test, b, 0.6, &to_s.view, nullptr, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(run(test, b, 0.6, nullptr, &to_x.view, &loss) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix head = {both.row(0), 3, 2, 2, DC4J_HOST};
  CHECK(run(test, b, 0.6, &head, &both.view, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("gradient and support_gradient overlap"), << dc4j_last_error());
  CHECK(run(test, b, 0.6, nullptr, &b.s.view, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(run(test, b, 0.6, nullptr, nullptr, nullptr) == DC4J_INVALID_ARGUMENT);
  for (double bad : {0.0, -1.0, double(NAN)}) {
    CHECK(run(test, b, bad, nullptr, nullptr, &loss) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("temperature"), << dc4j_last_error());
  }
  b.labels[1] = b.support_labels[2] = -2;
  CHECK(run(test, b, 0.6, nullptr, nullptr, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("labels[1]"), << dc4j_last_error());
  b.labels[1] = 1;
  CHECK(run(test, b, 0.6, nullptr, nullptr, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("support_labels[2]"), << dc4j_last_error());
  b.support_labels[2] = 5;
  for (float bad : {float(NAN), float(INFINITY)}) {
    b.s.row(3)[1] = bad;
    CHECK(run(test, b, 0.6, &to_x.view, nullptr, &loss) == DC4J_NOT_FINITE);
    CHECK(errorHas("supports") && errorHas("row 3"), << dc4j_last_error());
    b.x.row(2)[0] = bad;
    CHECK(run(test, b, 0.6, nullptr, nullptr, &loss) == DC4J_NOT_FINITE);
    CHECK(errorHas("x holds") && errorHas("row 2"), << dc4j_last_error());
    b.s.row(3)[1] = b.x.row(2)[0] = 0;
  }
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    oneLabel(test);
    differences(test);
    refusals(test);
  });
  return finish();
}
