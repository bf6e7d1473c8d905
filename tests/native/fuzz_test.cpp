// Random shapes, strides, ties, copies, scales, NaN and infinity through the k-means and search
// kernels: every backend and tier gives the reference's status, labels and bits. Two seconds, or
// DC4J_FUZZ_SECONDS of them; a failure names its seed, DC4J_FUZZ_SEED starts there.
#include <dc4j/kernels.h>

#include <algorithm>
#include <chrono>

#include "plain.h"

namespace {

class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  int64_t below(int64_t n) { return int64_t(engine_() % uint64_t(n)); }
  bool once(int64_t in) { return below(in) == 0; }
  int64_t size(int64_t most) {
    constexpr int64_t kOdd[] = {0, 1, 2, 3, 11, 12, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65};
    return once(2) ? std::min(most, kOdd[below(16)]) : below(most + 1);
  }
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

 private:
  std::mt19937_64 engine_;
};

/** What a backend made of a case; outputs of a refused call mean nothing. */
struct Outcome {
  std::vector<dc4j_status> status;
  std::vector<int64_t> integers;
  std::vector<float> floats;
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
};

bool same(const Outcome& a, const Outcome& b) {
  return a.status == b.status && a.integers == b.integers && a.floats.size() == b.floats.size() &&
         (a.floats.empty() ||
          std::memcmp(a.floats.data(), b.floats.data(), a.floats.size() * sizeof(float)) == 0);
}

Outcome run(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  const int64_t n = draw.size(draw.once(4) ? 700 : 90), d = draw.size(140);
  const int64_t k = 1 + draw.size(200), m = 1 + draw.below(40);
  TestMatrix x(n, d, d + draw.below(3)), c(k, d, d + draw.below(3));
  draw.fill(x);
  draw.fill(c);
  const auto rows = size_t(n);
  std::vector<int32_t> labels(rows), second(rows);
  std::vector<float> near(rows), far(rows), distances(size_t(n * m));
  std::vector<int64_t> ids(size_t(n * m)), counts(size_t(k), 0), chosen(size_t(k), 0);
  Outcome out;
  double objective = 0;
  const dc4j_status assigned =
      dc4j_kmeans_assign(test.context, &x.view, &c.view, labels.data(), near.data(), &objective);
  out.add(assigned, labels);
  out.add(near);
  if (assigned == DC4J_OK) {
    std::vector<int32_t> again(rows);
    for (int32_t& hint : again) hint = int32_t(draw.below(k + 2)) - 1;
    out.add(dc4j_kmeans_reassign(test.context, &x.view, &c.view, again.data(), nullptr, nullptr),
            again);
    TestMatrix moved(k, d);
    draw.fill(moved);
    for (int64_t j = 0; j < k; j++) {
      if (draw.once(3)) continue;
      std::copy_n(c.row(j), d, moved.row(j));
    }
    again = labels;
    out.add(dc4j_kmeans_follow(test.context, &x.view, &moved.view, &c.view, again.data(),
                               near.data(), nullptr, nullptr),
            again);
    out.add(near);
  }
  out.add(dc4j_kmeans_assign2(test.context, &x.view, &c.view, labels.data(), second.data(),
                              near.data(), far.data()),
          second);
  out.add(far);
  out.add(dc4j_nearest(test.context, &x.view, &c.view, m, nullptr, ids.data(), distances.data()),
          ids);
  out.add(distances);
  out.add(dc4j_nearest_self(test.context, &x.view, m, int32_t(draw.below(2)), ids.data(),
                            distances.data()),
          ids);
  out.add(distances);
  for (int32_t& label : labels) label = int32_t(draw.below(k + 1)) - 1;
  TestMatrix means(k, d);
  out.add(dc4j_kmeans_update(test.context, &x.view, labels.data(), &means.view, counts.data()),
          counts);
  out.add(means.values);
  out.add(dc4j_kmeans_seed(test.context, &x.view, int32_t(draw.below(2)), seed, &means.view,
                           chosen.data()),
          chosen);
  out.add(means.values);
  return out;
}

int64_t number(const char* name, int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoll(value);
}

}  // namespace

int main() {
  std::vector<TestContext> all = {openContext("reference", "", 1)};
  for (const char* isa : {"generic", "avx2", "avx512", "vnni", "amx"}) {
    TestContext test = openContext("cpu", isa, 3);
    if (dc4j_context_isa(test.context) == std::string(isa)) {
      all.push_back(test);
    } else {
      dc4j_context_close(test.context);
    }
  }
  unsetenv("DC4J_MAX_ISA");
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::seconds limit(number("DC4J_FUZZ_SECONDS", 2));
  const uint64_t first = uint64_t(number("DC4J_FUZZ_SEED", 1));
  uint64_t seed = first;
  for (; std::chrono::steady_clock::now() - start < limit; seed++) {
    const Outcome expected = run(all[0], seed);
    for (size_t t = 1; t < all.size(); t++) {
      for (const char* format : {"", "int8", "int16", "fp32"}) {
        setenv("DC4J_SEARCH_FORMAT", format, 1);
        CHECK(same(run(all[t], seed), expected),
              << all[t].name << " " << format << " seed " << seed);
      }
    }
  }
  std::printf("%llu cases\n", static_cast<unsigned long long>(seed - first));
  for (const TestContext& test : all) dc4j_context_close(test.context);
  return finish();
}
