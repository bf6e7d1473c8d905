// What the headers define, computed plainly and apart from the library.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "backends.h"

template <typename Term>
double plainLanes(int64_t d, Term term) {
  std::vector<double> lane(32, 0.0);
  for (int64_t t = 0; t < d; t++) lane[t % 32] = term(t, lane[t % 32]);
  for (int s = 16; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lane[l] += lane[l + s];
  }
  return lane[0];
}

inline double plainScore(const float* x, const float* c, int64_t d) {
  const double norm = plainLanes(d, [&](int64_t t, double s) { return s + double(c[t]) * c[t]; });
  const double dot = plainLanes(d, [&](int64_t t, double s) { return s + double(x[t]) * c[t]; });
  return norm - 2 * dot;
}

inline double plainDistance(const float* x, const float* c, int64_t d) {
  return plainLanes(d, [&](int64_t t, double s) {
    const double difference = double(x[t]) - double(c[t]);
    return std::fma(difference, difference, s);
  });
}

/** All rows of base but `exclude`, nearest first. */
inline std::vector<std::pair<double, int64_t>> plainRanking(const float* x, const TestMatrix& base,
                                                            int64_t exclude = -1) {
  std::vector<std::pair<double, int64_t>> ranking;
  for (int64_t j = 0; j < base.view.rows; j++) {
    if (j == exclude) continue;
    ranking.emplace_back(plainScore(x, base.values.data() + j * base.view.stride, base.view.cols),
                         j);
  }
  return ranking;
}

inline bool sameBits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/** Integers in -range..range. */
inline void fillIntegers(TestMatrix& matrix, uint64_t seed, int range) {
  std::mt19937_64 engine(seed);
  for (float& value : matrix.values) {
    value = float(int64_t(engine() % uint64_t(2 * range + 1)) - range);
  }
}

inline bool errorHas(const char* part) {
  return std::string(dc4j_last_error()).find(part) != std::string::npos;
}
