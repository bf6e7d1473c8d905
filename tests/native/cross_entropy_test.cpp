// cross_entropy: loss and gradient against plain fp64, central differences, large logits, weights,
// left-out rows, refusals.
#include <dc4j/kernels.h>

#include <algorithm>
#include <cfloat>

#include "plain.h"

struct Plain {
  double loss = 0;
  std::vector<double> gradient;
};

static Plain expect(TestMatrix& z, const std::vector<int32_t>& labels, const float* weights,
                    bool gradient = true) {
  const int64_t n = z.view.rows, k = z.view.cols;
  Plain p;
  if (gradient) p.gradient.assign(size_t(n * k), 0);
  double total = 0;
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= 0) total += weights ? weights[labels[i]] : 1;
  }
  for (int64_t i = 0; i < n && total > 0; i++) {
    if (labels[i] < 0) continue;
    const double w = weights ? weights[labels[i]] : 1;
    const double largest = *std::max_element(z.row(i), z.row(i) + k);
    double sum = 0;
    for (int64_t j = 0; j < k; j++) sum += std::exp(z.row(i)[j] - largest);
    p.loss += w / total * (std::log(sum) + largest - z.row(i)[labels[i]]);
    for (int64_t j = 0; j < k && gradient; j++) {
      p.gradient[i * k + j] =
          w / total * (std::exp(z.row(i)[j] - largest) / sum - (j == labels[i] ? 1 : 0));
    }
  }
  return p;
}

static void compare(const TestContext& test, TestMatrix& z, const std::vector<int32_t>& labels,
                    const float* weights, const std::string& what) {
  const Plain p = expect(z, labels, weights);
  TestMatrix gradient(z.view.rows, z.view.cols, z.view.cols + 3);
  std::fill(gradient.values.begin(), gradient.values.end(), 77.0f);
  double loss = -1, alone = -1;
  CHECK(dc4j_cross_entropy(test.context, &z.view, labels.data(), weights, &gradient.view, &loss) ==
            DC4J_OK,
        << what << dc4j_last_error());
  CHECK(std::fabs(loss - p.loss) <= 1e-6 * (1 + std::fabs(p.loss)),
        << what << " " << loss << " " << p.loss);
  for (int64_t i = 0; i < z.view.rows; i++) {
    const double largest = *std::max_element(z.row(i), z.row(i) + z.view.cols);
    for (int64_t j = 0; j < z.view.cols; j++) {
      // exp within a few units, and its argument z - largest rounded to fp32.
      const double bound = 2e-7 * (3 + std::min(largest - z.row(i)[j], 100.0));
      const double expected = p.gradient[i * z.view.cols + j], got = gradient.row(i)[j];
      CHECK(std::fabs(got - expected) <= bound * std::fabs(expected) + 1e-37,
            << what << " " << i << "," << j << ": " << got << " " << expected);
    }
    for (int64_t j = z.view.cols; j < gradient.view.stride; j++) CHECK(gradient.row(i)[j] == 77.0f);
  }
  CHECK(dc4j_cross_entropy(test.context, &z.view, labels.data(), weights, nullptr, &alone) ==
        DC4J_OK);
  CHECK(alone == loss, << what);
}

static void values(const TestContext& test) {
  for (int64_t k : {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 257, 1000}) {
    for (int64_t n : {0, 1, 5, 70}) {
      if (n * k > 20000) continue;
      TestMatrix z(n, k, k + 1);
      fillGaussian(z, uint64_t(n + k), 4);
      std::vector<int32_t> labels;
      std::vector<float> weights;
      for (int64_t i = 0; i < n; i++) labels.push_back(int32_t((i * 31) % (k + 1)) - 1);
      for (int64_t j = 0; j < k; j++) weights.push_back(float(j % 4) * 0.5f);
      compare(test, z, labels, nullptr, "plain");
      compare(test, z, labels, weights.data(), "weighted");
      std::fill(labels.begin(), labels.end(), -3);
      compare(test, z, labels, nullptr, "all left out");
    }
  }
  for (float scale : {30.0f, 1e4f, 3e38f, 1e-30f}) {
    TestMatrix z(9, 40);
    fillIntegers(z, 6, 1);
    for (float& v : z.values) v *= scale;
    compare(test, z, {0, 1, 2, 3, 4, 5, 6, 7, 39}, nullptr, "scale " + std::to_string(scale));
  }
  const std::vector<float> none(40, 0);
  TestMatrix z(2, 40);
  compare(test, z, {3, 4}, none.data(), "weights 0");
}

/** The judge's gradient against its loss. */
static void differences(const TestContext& test) {
  TestMatrix z(3, 6), gradient(3, 6);
  fillGaussian(z, 8);
  const std::vector<int32_t> labels = {5, -1, 2};
  const std::vector<float> weights = {1, 2, 0.5f, 1, 1, 3};
  double loss = 0;
  CHECK(dc4j_cross_entropy(test.context, &z.view, labels.data(), weights.data(), &gradient.view,
                           &loss) == DC4J_OK);
  for (size_t e = 0; e < z.values.size(); e++) {
    const float value = z.values[e], step = 1 / 256.0f;
    z.values[e] = value + step;
    const double above = expect(z, labels, weights.data(), false).loss, high = z.values[e];
    z.values[e] = value - step;
    const double below = expect(z, labels, weights.data(), false).loss, low = z.values[e];
    z.values[e] = value;
    CHECK(std::fabs((above - below) / (high - low) - gradient.values[e]) < 2e-6);
  }
}

static void refusals(const TestContext& test) {
  TestMatrix z(4, 3), gradient(4, 3), wide(4, 4);
  std::vector<int32_t> labels(4, 2);
  std::vector<float> weights(3, 1);
  double loss = 0;
  const auto call = [&](dc4j_matrix* to, const int32_t* l, double* out) {
    return dc4j_cross_entropy(test.context, &z.view, l, weights.data(), to, out);
  };
  CHECK(call(&gradient.view, labels.data(), &loss) == DC4J_OK);
  CHECK(call(&wide.view, labels.data(), &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&z.view, labels.data(), &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("overlap"), << dc4j_last_error());
  CHECK(call(nullptr, nullptr, &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, labels.data(), nullptr) == DC4J_INVALID_ARGUMENT);
  labels[1] = 3;
  CHECK(call(nullptr, labels.data(), &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("labels[1]"), << dc4j_last_error());
  labels[1] = -1;
  for (float bad : {-1.0f, float(NAN), float(INFINITY)}) {
    weights[2] = bad;
    CHECK(call(nullptr, labels.data(), &loss) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("class_weights[2]"), << dc4j_last_error());
  }
  weights[2] = 1;
  for (float bad : {float(NAN), float(INFINITY), float(-INFINITY)}) {
    z.row(1)[2] = bad;
    CHECK(call(&gradient.view, labels.data(), &loss) == DC4J_NOT_FINITE);
    CHECK(errorHas("row 1"), << dc4j_last_error());
  }
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    differences(test);
    refusals(test);
  });
  return finish();
}
