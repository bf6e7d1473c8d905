// Rows, refusals and a clustering with its outputs, for the tests of FAISS.
#pragma once
#include <dc4j/faiss.h>

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"

constexpr int32_t kCpu = DC4J_FAISS_CPU;

/** [n x d] in -1..1, the same on every machine. */
inline std::vector<float> rows(int64_t n, int64_t d, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(n * d));
  for (float& value : values) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<float>(static_cast<int64_t>(seed >> 40) - (1 << 23)) / (1 << 23);
  }
  return values;
}

inline void refused(dc4j_status status, dc4j_status expected, const std::string& words) {
  const std::string text = dc4j_faiss_last_error();
  CHECK(status == expected, << "status " << status << ": " << text);
  CHECK(text.find(words) != std::string::npos, << "'" << text << "' lacks '" << words << "'");
}

struct Clusters {
  std::vector<float> centroids, distances;
  std::vector<int32_t> labels;
  std::vector<double> objectives;
  double objective = 0;
  int32_t iterations = 0;
  dc4j_status status;

  /** x [n x d] in host memory or on the device of `how`. */
  Clusters(const float* x, int64_t n, int64_t d, int64_t k, const dc4j_faiss_kmeans_options& how,
           int32_t threads)
      : centroids(std::max<int64_t>(k, 0) * d),
        distances(n),
        labels(n, -5),
        objectives(std::max(how.niter, 0)) {
    status = dc4j_faiss_kmeans(x, n, d, k, &how, threads, centroids.data(), labels.data(),
                               distances.data(), &objective, objectives.data(), &iterations);
    objectives.resize(iterations);
  }
  Clusters(const std::vector<float>& x, int64_t d, int64_t k, const dc4j_faiss_kmeans_options& how,
           int32_t threads)
      : Clusters(x.data(), static_cast<int64_t>(x.size()) / d, d, k, how, threads) {}
};
