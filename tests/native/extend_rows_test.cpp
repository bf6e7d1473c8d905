// extend_rows, its gradient and add_scaled: bits against plain fp64, central differences through
// the supports, rows that are not moved, zero rows, scales, refusals.
#include <dc4j/losses.h>

#include <algorithm>

#include "plain.h"

namespace {

struct Case {
  TestMatrix x, memory;
  std::vector<int32_t> own, other;
  double lambda;

  Case(int64_t n, int64_t d, int64_t k, double towards, float scale = 1)
      : x(n, d, d + 1), memory(k, d, d + 2), lambda(towards) {
    fillGaussian(x, uint64_t(n + d), scale);
    fillGaussian(memory, uint64_t(n + d + 1), scale);
    for (int64_t i = 0; i < n; i++) {
      own.push_back(i % 11 == 5 ? -1 : int32_t(i % k));
      other.push_back(i % 7 == 3 ? -1 : int32_t((i * 3 + 1) % k));
    }
  }

  std::vector<double> moved(int64_t i) const {
    std::vector<double> v;
    const bool moves = own[i] >= 0 && other[i] >= 0;
    for (int64_t t = 0; t < x.view.cols; t++) {
      const auto entry = [&](int32_t row) {
        return double(memory.values[row * memory.view.stride + t]);
      };
      const double at = x.values[i * x.view.stride + t];
      v.push_back(moves ? at + lambda * (entry(other[i]) - entry(own[i])) : at);
    }
    return v;
  }

  dc4j_status extend(const TestContext& test, TestMatrix& to) {
    return dc4j_extend_rows(test.context, &x.view, &memory.view, own.data(), other.data(), lambda,
                            &to.view);
  }

  dc4j_status back(const TestContext& test, TestMatrix& of_supports, TestMatrix& to) {
    return dc4j_extend_rows_gradient(test.context, &x.view, &memory.view, own.data(), other.data(),
                                     lambda, &of_supports.view, &to.view);
  }
};

double lanesDot(const std::vector<double>& a, const std::vector<double>& b) {
  return plainLanes(int64_t(a.size()), [&](int64_t t, double s) { return s + a[t] * b[t]; });
}

void compare(const TestContext& test, Case& c, const std::string& what) {
  const int64_t n = c.x.view.rows, d = c.x.view.cols;
  TestMatrix supports(n, d, d + 3), of_supports(n, d, d + 1), gradient(n, d, d + 2);
  std::fill(supports.values.begin(), supports.values.end(), 77.0f);
  fillGaussian(of_supports, 5);
  fillGaussian(gradient, 6);
  const std::vector<float> before = gradient.values;
  CHECK(c.extend(test, supports) == DC4J_OK, << what << dc4j_last_error());
  CHECK(c.back(test, of_supports, gradient) == DC4J_OK, << what << dc4j_last_error());
  for (int64_t i = 0; i < n; i++) {
    const std::vector<double> v = c.moved(i);
    const std::vector<double> g(of_supports.row(i), of_supports.row(i) + d);
    const double squares = lanesDot(v, v), dot = lanesDot(g, v);
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    const double along = squares > 0 ? dot / squares : 0;
    const double factor = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (int64_t t = 0; t < d; t++) {
      const float want = float(v[t] * scale), old = before[i * gradient.view.stride + t];
      CHECK(sameBits(supports.row(i)[t], want), << what << " " << i << "," << t);
      const float sent = squares > 0 ? float(old + factor * (g[t] - along * v[t])) : old;
      CHECK(sameBits(gradient.row(i)[t], sent), << what << " " << i << "," << t);
    }
    for (int64_t t = d; t < supports.view.stride; t++) CHECK(supports.row(i)[t] == 77.0f);
  }
}

void values(const TestContext& test) {
  for (int64_t d : {0, 1, 2, 7, 15, 16, 31, 32, 33, 64, 100, 257}) {
    for (int64_t n : {0, 1, 5, 64, 130}) {
      Case c(n, d, 7, 0.25);
      compare(test, c, "gaussian");
    }
  }
  for (float scale : {1e-30f, 1e-5f, 1e18f, 3e37f}) {
    Case c(9, 40, 5, 1e6, scale);
    compare(test, c, "scale");
  }
  Case still(20, 33, 4, 0);
  compare(test, still, "lambda 0");
  Case none(3, 4, 1, 0.5);
  std::fill(none.x.values.begin(), none.x.values.end(), 0.0f);
  none.own = none.other = {0, 0, -1};
  compare(test, none, "length 0");
  TestMatrix supports(3, 4);
  CHECK(none.extend(test, supports) == DC4J_OK);
  for (float value : supports.values) CHECK(value == 0);
}

/** d (weights . s) / d x by differences against what the gradient gives. */
void differences(const TestContext& test) {
  Case c(6, 9, 4, 0.2);
  TestMatrix weights(6, 9), gradient(6, 9);
  fillGaussian(weights, 12);
  CHECK(c.back(test, weights, gradient) == DC4J_OK);
  const auto value = [&](int64_t i) {
    const std::vector<double> v = c.moved(i);
    double dot = 0, squares = 0;
    for (size_t t = 0; t < v.size(); t++) {
      dot += weights.row(i)[t] * v[t];
      squares += v[t] * v[t];
    }
    return dot / std::sqrt(squares);
  };
  for (int64_t i = 0; i < 6; i++) {
    for (int64_t t = 0; t < 9; t++) {
      float& at = c.x.row(i)[t];
      const float kept = at, step = 1 / 4096.0f;
      at = kept + step;
      const double above = value(i), high = at;
      at = kept - step;
      const double below = value(i), low = at;
      at = kept;
      CHECK(std::fabs((above - below) / (high - low) - gradient.row(i)[t]) < 1e-6,
            << i << "," << t);
    }
  }
}

void additions(const TestContext& test) {
  for (int64_t d : {0, 1, 16, 33, 257}) {
    for (int64_t n : {0, 1, 70}) {
      TestMatrix x(n, d, d + 1), out(n, d, d + 2);
      fillGaussian(x, 1);
      fillGaussian(out, 2);
      const std::vector<float> before = out.values;
      CHECK(dc4j_add_scaled(test.context, &x.view, 0.1, &out.view) == DC4J_OK);
      for (int64_t i = 0; i < n; i++) {
        for (int64_t t = 0; t < out.view.stride; t++) {
          const float old = before[i * out.view.stride + t];
          const float want = t < d ? float(old + 0.1 * x.row(i)[t]) : old;
          CHECK(sameBits(out.row(i)[t], want), << i << "," << t);
        }
      }
    }
  }
  TestMatrix x(2, 3), out(2, 3), wide(2, 4);
  CHECK(dc4j_add_scaled(test.context, &x.view, 1, &x.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_add_scaled(test.context, &x.view, 1, &wide.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_add_scaled(test.context, &x.view, double(NAN), &out.view) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("scale"), << dc4j_last_error());
  x.row(1)[2] = float(INFINITY);
  CHECK(dc4j_add_scaled(test.context, &x.view, 1, &out.view) == DC4J_NOT_FINITE);
  CHECK(errorHas("row 1"), << dc4j_last_error());
}

void refusals(const TestContext& test) {
  Case c(4, 3, 5, 0.5);
  c.own = {0, 1, 2, 3};
  c.other = {1, 2, 3, 4};
  TestMatrix out(4, 3), wide(4, 4), g(4, 3);
  CHECK(c.extend(test, out) == DC4J_OK);
  CHECK(c.extend(test, wide) == DC4J_INVALID_ARGUMENT);
  CHECK(c.extend(test, c.x) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("overlap"), << dc4j_last_error());
  CHECK(c.back(test, wide, out) == DC4J_INVALID_ARGUMENT);
  CHECK(c.back(test, g, wide) == DC4J_INVALID_ARGUMENT);
  CHECK(c.back(test, g, g) == DC4J_INVALID_ARGUMENT);
  for (double bad : {-0.1, 2e6, double(NAN)}) {
    c.lambda = bad;
    CHECK(c.extend(test, out) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("lambda"), << dc4j_last_error());
  }
  c.lambda = 0.5;
  for (int32_t bad : {-2, 5}) {
    c.other[2] = bad;
    CHECK(c.extend(test, out) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("other[2]"), << dc4j_last_error());
  }
  c.other[2] = 3;
  g.row(3)[0] = float(NAN);
  CHECK(c.back(test, g, out) == DC4J_NOT_FINITE);
  CHECK(errorHas("support_gradient") && errorHas("row 3"), << dc4j_last_error());
  c.memory.row(4)[1] = float(NAN);
  CHECK(c.extend(test, out) == DC4J_NOT_FINITE);
  CHECK(errorHas("memory") && errorHas("row 4"), << dc4j_last_error());
  c.other[3] = 0;  // now named by nobody
  CHECK(c.extend(test, out) == DC4J_OK, << dc4j_last_error());
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    values(test);
    differences(test);
    additions(test);
    refusals(test);
  });
  return finish();
}
