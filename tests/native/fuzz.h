// What the fuzz cases are drawn with and what they leave behind to be compared.
#pragma once
#include <algorithm>
#include <string>

#include "plain.h"

/** One case's numbers. The seed gives the case, on every machine. */
class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  int64_t below(int64_t n) { return int64_t(engine_() % uint64_t(n)); }
  bool once(int64_t in) { return below(in) == 0; }
  int64_t size(int64_t most) {
    constexpr int64_t kOdd[] = {0, 1, 2, 3, 11, 12, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65};
    return once(2) ? std::min(most, kOdd[below(16)]) : below(most + 1);
  }
  /** Integers, eighths or Gaussians, at times tiny or huge, with copies of rows, with NaN or
   * infinity or what comes close to it in one place. */
  void fill(TestMatrix& m) {
    const int kind = int(below(5));
    const float scale = once(6) ? std::pow(10.0f, float(below(70)) - 42) : 1;
    std::normal_distribution<float> normal;
    for (float& v : m.values) {
      v = scale * (kind == 0   ? float(below(3))
                   : kind == 1 ? float(below(100)) / 8
                               : normal(engine_));
    }
    for (int64_t copies = once(3) ? m.view.rows / 2 : 0; copies > 0; copies--) {
      std::copy_n(m.row(below(m.view.rows)), m.view.cols, m.row(below(m.view.rows)));
    }
    if (once(8) && m.view.rows > 0 && m.view.cols > 0) {
      const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e-45f, 1e19f};
      m.row(below(m.view.rows))[below(m.view.cols)] = odd[below(6)];
    }
    for (int64_t t = m.view.rows > 0 && once(6) ? m.view.cols : 0; t > 0; t--) {
      m.row(below(m.view.rows))[t - 1] *= 1e6f;  // what int8 is bad at
    }
  }
  /** In -1..k-1; rarely one that no kernel accepts. */
  std::vector<int32_t> labels(int64_t n, int64_t k) {
    std::vector<int32_t> drawn(static_cast<size_t>(n));
    for (int32_t& label : drawn) label = int32_t(below(k + 1)) - 1;
    if (n > 0 && once(40)) drawn[size_t(below(n))] = once(2) ? int32_t(k) : INT32_MIN;
    return drawn;
  }

 private:
  std::mt19937_64 engine_;
};

/** What a backend made of a case; outputs of a refused call mean nothing. */
struct Outcome {
  struct Rounded {
    double value, bound;
  };
  std::vector<dc4j_status> status;
  std::vector<int64_t> integers;
  std::vector<float> floats;     // promised to the bit
  std::vector<Rounded> rounded;  // promised within a bound

  void add(dc4j_status s, const std::vector<int32_t>& values) {
    status.push_back(s);
    if (s == DC4J_OK) integers.insert(integers.end(), values.begin(), values.end());
  }
  void add(dc4j_status s, const std::vector<int64_t>& values) {
    status.push_back(s);
    if (s == DC4J_OK) integers.insert(integers.end(), values.begin(), values.end());
  }
  void add(const std::vector<float>& values) {
    if (status.back() == DC4J_OK) floats.insert(floats.end(), values.begin(), values.end());
  }
  void add(double value, double bound) {
    if (status.back() == DC4J_OK) rounded.push_back({value, bound});
  }
};

/** The first difference, empty where there is none. */
inline std::string difference(const Outcome& got, const Outcome& expected) {
  std::ostringstream text;
  if (got.status != expected.status) {
    text << "status";
    for (dc4j_status s : got.status) text << " " << int(s);
    text << ", expected";
    for (dc4j_status s : expected.status) text << " " << int(s);
  } else if (got.integers != expected.integers) {
    text << "integers";
  } else if (got.floats.size() != expected.floats.size() ||
             (!got.floats.empty() && std::memcmp(got.floats.data(), expected.floats.data(),
                                                 got.floats.size() * sizeof(float)) != 0)) {
    text << "bits of floats";
  } else if (got.rounded.size() != expected.rounded.size()) {
    text << "number of rounded values";
  }
  for (size_t e = 0; text.str().empty() && e < got.rounded.size(); e++) {
    const double a = got.rounded[e].value, b = expected.rounded[e].value;
    const double bound = expected.rounded[e].bound;
    if (a == b || std::fabs(a - b) <= bound) continue;
    if (!std::isfinite(bound)) continue;  // out of what the kernel promises anything for
    text << "rounded value " << e << " is " << a << ", expected " << b << " +- " << bound;
  }
  return text.str();
}
