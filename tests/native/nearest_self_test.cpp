// nearest_self: ids and distances bit for bit as defined (hence as dc4j_nearest of the rows among
// themselves), with and without the row itself, over sizes on both sides of a block, formats, ties,
// copies, outliers.
#include <dc4j/kernels.h>

#include <algorithm>
#include <limits>
#include <map>

#include "plain.h"

namespace {

const float kInfinity = std::numeric_limits<float>::infinity();

struct Neighbours {
  std::vector<int64_t> ids;
  std::vector<float> distances;
};

Neighbours plainNeighbours(TestMatrix& x, int64_t m, bool itself) {
  Neighbours all;
  for (int64_t i = 0; i < x.view.rows; i++) {
    auto ranking = plainRanking(x.row(i), x, itself ? -1 : i);
    std::sort(ranking.begin(), ranking.end());
    for (int64_t p = 0; p < m; p++) {
      const bool there = p < int64_t(ranking.size());
      const int64_t id = there ? ranking[size_t(p)].second : -1;
      all.ids.push_back(id);
      all.distances.push_back(there ? float(plainDistance(x.row(i), x.row(id), x.view.cols))
                                    : kInfinity);
    }
  }
  return all;
}

/** Against the plain neighbours, computed once per case; `what` names the case. */
void compare(const TestContext& test, TestMatrix& x, int64_t m, const std::string& what) {
  static std::map<std::string, Neighbours> known;
  const auto size = size_t(x.view.rows * m);
  for (bool itself : {false, true}) {
    const std::string key = what + (itself ? " itself " : " others ") + std::to_string(m);
    if (known.find(key) == known.end()) known[key] = plainNeighbours(x, m, itself);
    const Neighbours& expected = known[key];
    std::vector<int64_t> ids(size + 1, -9);
    std::vector<float> distances(size + 1, -9);
    CHECK(dc4j_nearest_self(test.context, &x.view, m, itself, ids.data(), distances.data()) ==
              DC4J_OK,
          << key << dc4j_last_error());
    CHECK(ids[size] == -9 && distances[size] == -9, << key);
    for (size_t p = 0; p < size; p++) {
      CHECK(ids[p] == expected.ids[p], << key << " entry " << p);
      CHECK(sameBits(distances[p], expected.distances[p]), << key << " entry " << p);
    }
  }
}

void sizes(const TestContext& test) {
  for (int64_t d : {0, 1, 3, 17, 70}) {
    for (int64_t n : {0, 1, 2, 95, 97, 193, 290}) {
      for (int64_t m : {1, 2, 30}) {
        TestMatrix x(n, d, d + 1);
        fillGaussian(x, uint64_t(d + n));
        compare(test, x, m, "sizes " + std::to_string(d) + " " + std::to_string(n));
      }
    }
  }
  TestMatrix x(200, 8);
  fillGaussian(x, 3);
  compare(test, x, 250, "more than there are");
}

/** An odd and an even number of blocks, chosen and forced formats, near ties. */
void formats(const TestContext& test) {
  for (int64_t n : {700, 1000}) {
    TestMatrix x(n, 40);
    fillGaussian(x, 5);
    for (int64_t i = 0; i < n; i += 3) {
      x.row(i)[7] *= 100;  // what int8 is bad at
      for (int64_t t = 0; t < 40 && i > 0; t++) x.row(i - 1)[t] = x.row(i)[t] * (1 + 1e-6f);
    }
    for (const char* format : {"", "int8", "mixed", "int16", "fp32"}) {
      setenv("DC4J_SEARCH_FORMAT", format, 1);
      compare(test, x, 9, "formats " + std::to_string(n));
    }
    unsetenv("DC4J_SEARCH_FORMAT");
  }
}

void ties(const TestContext& test) {
  TestMatrix x(600, 3);
  fillIntegers(x, 9, 1);  // 27 different rows: most are copies beyond the m + 1st
  compare(test, x, 12, "integers");
  for (int64_t i = 0; i < 600; i++) std::copy_n(x.row(0), 3, x.row(i));
  compare(test, x, 5, "equal rows");
  for (int64_t i = 4; i < 600; i += 9) std::fill_n(x.row(i), 3, 2e30f);
  compare(test, x, 5, "equal rows and outliers");
  TestMatrix edge(300, 1);  // |x|^2 about the largest square in a tile
  for (int64_t i = 0; i < 300; i++) edge.row(i)[0] = 1e18f * (1 + float(i - 150) * 1e-7f);
  compare(test, edge, 4, "edge of the tiles");
  TestMatrix small(300, 5);
  fillGaussian(small, 8, 1e-25f);
  compare(test, small, 4, "denormal products");
}

void refusals(const TestContext& test) {
  TestMatrix x(150, 3);
  fillGaussian(x, 1);
  std::vector<int64_t> ids(300);
  const auto call = [&](const dc4j_matrix* rows, int64_t m, int32_t itself, int64_t* to) {
    return dc4j_nearest_self(test.context, rows, m, itself, to, nullptr);
  };
  CHECK(call(&x.view, 2, 0, ids.data()) == DC4J_OK);
  CHECK(call(&x.view, 0, 0, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&x.view, INT64_MAX, 0, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(call(&x.view, 2, 2, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("itself is 2") && errorHas("accepted: 0"), << dc4j_last_error());
  CHECK(call(&x.view, 2, 0, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(call(nullptr, 2, 0, ids.data()) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_nearest_self(test.context, &x.view, 2, 0, ids.data(), x.row(0)) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("distances and x overlap"), << dc4j_last_error());
  x.row(140)[2] = NAN;
  x.row(143)[0] = kInfinity;
  CHECK(call(&x.view, 2, 1, ids.data()) == DC4J_NOT_FINITE);
  CHECK(errorHas("x") && errorHas("row 140"), << dc4j_last_error());
  x.view.rows = 0;
  CHECK(call(&x.view, INT64_MAX, 0, nullptr) == DC4J_OK);
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    sizes(test);
    formats(test);
    ties(test);
    refusals(test);
  });
  return finish();
}
