// info_nce: loss and gradient against plain fp64, central differences, every size of block and
// panel, either precision, the same bits for any number of threads, left-out rows, large scores,
// refusals.
#include <dc4j/losses.h>

#include <algorithm>
#include <map>

#include "plain.h"

/** Whether 16-bit factors are what this call computes with. */
static bool coarse(const TestContext& test, int32_t precision) {
  return precision == DC4J_PRECISION_FAST &&
         std::string(dc4j_context_fast_products(test.context)) == "bf16";
}

struct Plain {
  double loss = 0, logit_error = 0;
  std::vector<double> gradient, bound;  // bound: entries of the gradient times an error of a weight
};

static Plain expect(TestMatrix& x, TestMatrix& c, const std::vector<int32_t>& labels,
                    double temperature, bool gradient = true, bool coarse = false) {
  const int64_t n = x.view.rows, d = x.view.cols, k = c.view.rows;
  Plain p;
  if (gradient) p.gradient.assign(size_t(n * d), 0.0);
  p.bound.assign(size_t(n), 0.0);
  double count = 0, largest_c = 0, norm_c = 0;
  for (int64_t i = 0; i < n; i++) count += labels[i] >= 0;
  for (int64_t j = 0; j < k; j++) {
    for (int64_t t = 0; t < d; t++) largest_c = std::max(largest_c, std::fabs(double(c.row(j)[t])));
    norm_c = std::max(norm_c, plainLanes(d, [&](int64_t t, double s) {
                        return s + double(c.row(j)[t]) * c.row(j)[t];
                      }));
  }
  std::vector<double> z(static_cast<size_t>(k));
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] < 0) continue;
    for (int64_t j = 0; j < k; j++) {
      z[j] = 0;
      for (int64_t t = 0; t < d; t++) z[j] += double(x.row(i)[t]) * c.row(j)[t] / temperature;
    }
    const double largest = *std::max_element(z.begin(), z.end()), y = z[labels[i]];
    double others = 0, norm_x = 0;
    for (int64_t j = 0; j < k; j++) others += j == labels[i] ? 0 : std::exp(z[j] - largest);
    const double sum = others + std::exp(y - largest);
    p.loss += (y == largest ? std::log1p(others) : std::log(sum) + largest - y) / count;
    for (int64_t t = 0; t < d; t++) norm_x += double(x.row(i)[t]) * x.row(i)[t];
    // int16: half a quantum per element on either side, a quantum at most norm / 32767.
    const double unit = 5e-7 + (coarse ? std::sqrt(double(d)) / 32767 : 0);
    const double logit_error = unit * std::sqrt(norm_x * norm_c) / temperature;
    p.logit_error = std::max(p.logit_error, logit_error);
    p.bound[i] = ((coarse ? 0x1p-7 : 2e-6) + 2 * logit_error) * 2 * largest_c * others / sum /
                 count / temperature;
    for (int64_t j = 0; j < k && gradient; j++) {
      const double weight = j == labels[i] ? -others / sum : std::exp(z[j] - largest) / sum;
      for (int64_t t = 0; t < d; t++) {
        p.gradient[i * d + t] += weight * c.row(j)[t] / count / temperature;
      }
    }
  }
  return p;
}

/** Bits of earlier runs by what was run and on which tier: the number of threads changes nothing.
 */
static std::map<std::string, std::vector<float>>& earlier() {
  static std::map<std::string, std::vector<float>> bits;
  return bits;
}

static void compareOne(const TestContext& test, TestMatrix& x, TestMatrix& c,
                       const std::vector<int32_t>& labels, double temperature, int32_t precision,
                       const std::string& what) {
  const int64_t n = x.view.rows, d = x.view.cols;
  const Plain p = expect(x, c, labels, temperature, true, coarse(test, precision));
  TestMatrix gradient(n, d, d + 3);
  std::fill(gradient.values.begin(), gradient.values.end(), 77.0f);
  double loss = -1, alone = -1;
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), temperature, precision,
                      &gradient.view, &loss) == DC4J_OK,
        << what << dc4j_last_error());
  CHECK(std::fabs(loss - p.loss) <= 1e-6 * std::fabs(p.loss) + p.logit_error,
        << what << " " << loss << " " << p.loss);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t t = 0; t < d; t++) {
      const double got = gradient.row(i)[t], want = p.gradient[i * d + t];
      CHECK(std::fabs(got - want) <= p.bound[i] + 1e-7 * std::fabs(want) + 1e-40,
            << what << " " << i << "," << t << ": " << got << " " << want << " +- " << p.bound[i]);
    }
    for (int64_t t = d; t < gradient.view.stride; t++) CHECK(gradient.row(i)[t] == 77.0f);
  }
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), temperature, precision,
                      nullptr, &alone) == DC4J_OK);
  CHECK(alone == loss, << what << " " << alone << " " << loss);
  std::vector<float> bits = gradient.values;
  bits.push_back(float(loss));
  const std::string key = test.name.substr(0, test.name.rfind('/')) + what;
  const auto found = earlier().emplace(key, bits).first;
  CHECK(std::memcmp(found->second.data(), bits.data(), bits.size() * sizeof(float)) == 0,
        << what << " other bits with other threads");
}

static void compare(const TestContext& test, TestMatrix& x, TestMatrix& c,
                    const std::vector<int32_t>& labels, double temperature,
                    const std::string& what) {
  compareOne(test, x, c, labels, temperature, DC4J_PRECISION_FP32, what);
  // Without 16-bit factors the same bits, which the key in compareOne checks.
  compareOne(test, x, c, labels, temperature, DC4J_PRECISION_FAST,
             coarse(test, DC4J_PRECISION_FAST) ? what + " fast" : what);
}

static void fillUnit(TestMatrix& matrix, uint64_t seed) {
  fillGaussian(matrix, seed);
  for (int64_t i = 0; i < matrix.view.rows; i++) {
    double norm = 0;
    for (int64_t t = 0; t < matrix.view.cols; t++)
      norm += double(matrix.row(i)[t]) * matrix.row(i)[t];
    for (int64_t t = 0; t < matrix.view.cols; t++) matrix.row(i)[t] /= float(std::sqrt(norm));
  }
}

static std::vector<int32_t> cycle(int64_t n, int64_t k) {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; i++) labels.push_back(i % 9 == 4 ? -1 : int32_t(i * 31 % k));
  return labels;
}

static void values(const TestContext& test) {
  struct Size {
    int64_t n, k, d;
  };
  const Size sizes[] = {
      {0, 5, 4},     {1, 1, 1},     {3, 1, 5},      {5, 2, 0},      {31, 7, 3},     {32, 12, 11},
      {33, 13, 12},  {24, 239, 13}, {25, 240, 24},  {40, 241, 25},  {9, 481, 7},    {300, 300, 5},
      {70, 5000, 9}, {3, 30, 255},  {9, 959, 3},    {33, 960, 2},   {5, 961, 8},    {24, 1921, 31},
      {3, 30, 256},  {4, 31, 257},  {17, 250, 600}, {260, 4100, 3}, {2, 11000, 256}};
  for (const Size& s : sizes) {
    TestMatrix x(s.n, s.d, s.d + 1), c(s.k, s.d, s.d + 2);
    fillUnit(x, uint64_t(s.n + s.d));
    fillUnit(c, uint64_t(s.k + s.d));
    const std::string name =
        std::to_string(s.n) + "x" + std::to_string(s.k) + "x" + std::to_string(s.d);
    compare(test, x, c, cycle(s.n, s.k), 0.05, name);
    fillGaussian(x, 3, 2);
    compare(test, x, c, cycle(s.n, s.k), 0.3, name + " long rows");
    compare(test, x, c, std::vector<int32_t>(size_t(s.n), -1), 0.05, name + " all left out");
  }
  TestMatrix x(40, 6), c(700, 6);
  for (float scale : {0.0f, 1e-44f, 1e-20f, 30.0f, 1e5f, 1e13f, 1e19f}) {
    fillIntegers(x, 6, 2);
    fillIntegers(c, 7, 2);
    for (float& v : x.values) v *= scale;
    compare(test, x, c, cycle(40, 700), 1, "scale " + std::to_string(std::log10(scale)));
  }
  // As wide as 16-bit factors of a GPU begin: exponents of rows, and of the memory.
  for (float scale : {1e-44f, 1e-37f, 1e-20f, 1e19f}) {
    TestMatrix wide_x(5, 260), wide_c(60, 260);
    fillIntegers(wide_x, 6, 2);
    fillIntegers(wide_c, 7, 2);
    for (int64_t t = 0; t < 260; t++) wide_x.row(3)[t] *= scale;
    const std::string name = "wide " + std::to_string(std::log10(scale));
    compare(test, wide_x, wide_c, cycle(5, 60), 30, name);
    for (float& v : wide_c.values) v *= scale;
    for (int64_t t = 0; t < 260; t++) wide_x.row(3)[t] = 1;
    compare(test, wide_x, wide_c, cycle(5, 60), 30, name + " memory");
  }
  TestMatrix none(0, 6);
  std::vector<int32_t> out(40, -1);
  compare(test, x, none, out, 1, "no memory");
}

/** Every row of the gradient to 1e-5 of its length, fast to 2e-3. */
static void compareLengths(const TestContext& test, TestMatrix& x, TestMatrix& c,
                           const std::vector<int32_t>& labels, int32_t precision,
                           const std::string& what) {
  const int64_t n = x.view.rows, d = x.view.cols;
  TestMatrix gradient(n, d);
  double loss = 0;
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), 0.05, precision,
                      &gradient.view, &loss) == DC4J_OK);
  const Plain p = expect(x, c, labels, 0.05);
  const double allowed = coarse(test, precision) ? 2e-3 : 1e-5;
  CHECK(std::fabs(loss - p.loss) <= (coarse(test, precision) ? 1e-4 : 1e-5),
        << what << " " << loss - p.loss);
  for (int64_t i = 0; i < n; i++) {
    double error = 0, length = 0;
    for (int64_t t = 0; t < d; t++) {
      const double want = p.gradient[i * d + t];
      error += (gradient.row(i)[t] - want) * (gradient.row(i)[t] - want);
      length += want * want;
    }
    CHECK(std::sqrt(error) <= allowed * std::sqrt(length),
          << what << " " << i << ": " << std::sqrt(error / length));
  }
}

/** Positives that win by far: the gradient is tiny, and still right. */
static void confident(const TestContext& test, int32_t precision) {
  const int64_t n = 40, k = 3000, d = 300;
  TestMatrix x(n, d), c(k, d);
  fillUnit(c, 1);
  fillUnit(x, 2);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; i++) {
    labels.push_back(int32_t(i * 70));
    const float weight = float(i) / float(n - 1);
    for (int64_t t = 0; t < d; t++) {
      x.row(i)[t] = (1 - weight) * x.row(i)[t] + weight * c.row(i * 70)[t];
    }
  }
  compareLengths(test, x, c, labels, precision, "confident");
}

/** And by so much that all others point away from them. */
static void opposed(const TestContext& test, int32_t precision) {
  const int64_t k = 200, d = 256;
  for (double cosine : {0.0, -0.2, -0.4, -0.6}) {
    TestMatrix x(1, d), c(k, d);
    fillUnit(c, 3);
    std::copy_n(c.row(0), d, x.row(0));
    for (int64_t j = 1; j < k; j++) {
      double dot = 0;
      for (int64_t t = 0; t < d; t++) dot += double(c.row(j)[t]) * c.row(0)[t];
      const double across = std::sqrt((1 - cosine * cosine) / (1 - dot * dot));
      for (int64_t t = 0; t < d; t++) {
        const double own = c.row(0)[t];
        c.row(j)[t] = float(across * (c.row(j)[t] - dot * own) + cosine * own);
      }
    }
    compareLengths(test, x, c, {0}, precision, "cosine " + std::to_string(cosine));
  }
}

/** Logits of 1e10 and more: what wins has all of the weight, whatever fp32 rounds it to. */
static void enormous(const TestContext& test, int32_t precision) {
  const int64_t k = 40, d = 256;
  for (float length : {1e4f, 3.3e5f, 1.1e6f, 3.7e6f}) {
    TestMatrix c(k, d);
    fillUnit(c, 4);
    for (float& v : c.values) v *= length;
    for (int64_t i = 0; i < k; i++) {
      TestMatrix x(1, d), gradient(1, d);
      std::copy_n(c.row(i), d, x.row(0));
      const std::vector<int32_t> label = {int32_t(i)};
      double loss = -1;
      CHECK(dc4j_info_nce(test.context, &x.view, &c.view, label.data(), 0.05, precision,
                          &gradient.view, &loss) == DC4J_OK);
      CHECK(loss == 0, << length << " " << i << ": " << loss);
      for (float v : gradient.values) CHECK(v == 0, << length << " " << i << ": " << v);
    }
  }
}

/** The gradient against differences of the plain loss. */
static void differences(const TestContext& test, int32_t precision) {
  TestMatrix x(4, 6), c(9, 6), gradient(4, 6);
  fillUnit(x, 8);
  fillUnit(c, 9);
  const std::vector<int32_t> labels = {5, -1, 2, 8};
  double loss = 0;
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), 0.5, precision, &gradient.view,
                      &loss) == DC4J_OK);
  const double allowed = coarse(test, precision) ? 2e-3 : 2e-6;
  for (size_t e = 0; e < x.values.size(); e++) {
    const float value = x.values[e], step = 1 / 1024.0f;
    x.values[e] = value + step;
    const double above = expect(x, c, labels, 0.5, false).loss, high = x.values[e];
    x.values[e] = value - step;
    const double below = expect(x, c, labels, 0.5, false).loss, low = x.values[e];
    x.values[e] = value;
    CHECK(std::fabs((above - below) / (high - low) - gradient.values[e]) < allowed, << e);
  }
}

static void refusals(const TestContext& test) {
  TestMatrix x(4, 3), c(500, 3), gradient(4, 3), wide(4, 4);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> labels = {0, 1, -1, 499};
  double loss = 0;
  const auto call = [&](dc4j_matrix* to, double temperature = 0.5, int32_t precision = 0) {
    return dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), temperature, precision, to,
                         &loss);
  };
  for (int32_t bad : {-1, 2}) {
    CHECK(call(nullptr, 0.5, bad) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("precision"), << dc4j_last_error());
  }
  CHECK(call(&gradient.view) == DC4J_OK);
  CHECK(call(&wide.view) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&x.view) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix inside = {c.row(1), 4, 3, 3, DC4J_HOST};
  CHECK(call(&inside) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("overlap"), << dc4j_last_error());
  for (double bad : {0.0, -1.0, 1e-7, 1e7, double(NAN), double(INFINITY)}) {
    CHECK(call(nullptr, bad) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("temperature"), << dc4j_last_error());
  }
  for (int32_t bad : {-2, 500}) {
    labels[1] = bad;
    CHECK(call(nullptr) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("labels[1]"), << dc4j_last_error());
  }
  labels[1] = 1;
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, nullptr, 1, 0, nullptr, &loss) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_info_nce(test.context, &x.view, &c.view, labels.data(), 1, 0, nullptr, nullptr) ==
        DC4J_INVALID_ARGUMENT);
  for (float bad : {float(NAN), float(INFINITY), float(-INFINITY)}) {
    c.row(499)[0] = c.row(300)[1] = bad;
    for (int32_t precision : {0, 1}) {
      CHECK(call(&gradient.view, 0.5, precision) == DC4J_NOT_FINITE);
      CHECK(errorHas("memory") && errorHas("row 300"), << dc4j_last_error());
    }
    x.row(2)[0] = bad;
    CHECK(call(nullptr) == DC4J_NOT_FINITE);
    CHECK(errorHas("x holds") && errorHas("row 2"), << dc4j_last_error());
    x.row(2)[0] = c.row(499)[0] = c.row(300)[1] = 0;
  }
  CHECK(call(nullptr) == DC4J_OK);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    for (int32_t precision : {DC4J_PRECISION_FP32, DC4J_PRECISION_FAST}) {
      confident(test, precision);
      opposed(test, precision);
      enormous(test, precision);
      differences(test, precision);
    }
    refusals(test);
  });
  return finish();
}
