// Power iteration clustering of graph.h: G = W + W^T as one map per row, v in fp64, pointers
// followed one by one. ids, distances [n x k]; 2 n k products per step.
#include <cmath>
#include <map>
#include <vector>

#include "backend/table.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {
namespace {

using Rows = std::vector<std::map<int64_t, double>>;

Rows symmetric(const int64_t* ids, ConstMatrix distances, double sigma) {
  Rows graph(static_cast<size_t>(distances.rows));
  for (int64_t i = 0; i < distances.rows; i++) {
    for (int64_t p = 0; p < distances.cols; p++) {
      const int64_t j = ids[i * distances.cols + p];
      if (j < 0 || j == i) continue;
      const double weight = std::exp(-static_cast<double>(distances.row(i)[p]) / (sigma * sigma));
      graph[i][j] += weight;
      graph[j][i] += weight;
    }
  }
  return graph;
}

std::vector<double> iterate(const Rows& graph, const dc4j_pic_options& options) {
  const int64_t n = static_cast<int64_t>(graph.size());
  const double share = (1 - options.alpha) / static_cast<double>(n);
  std::vector<double> v(graph.size(), 1 / static_cast<double>(n)), u(graph.size());
  for (int64_t step = 0; step < options.iterations; step++) {
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += 1024) {
      double lane[32] = {};
      for (int64_t i = begin; i < n && i < begin + 1024; i++) {
        double sum = 0;
        for (const auto& [j, weight] : graph[i]) sum += weight * v[j];
        u[i] = options.alpha * sum + share;
        lane[(i - begin) % 32] += u[i];
      }
      total += foldLanes(lane);
    }
    for (int64_t i = 0; i < n; i++) v[i] = u[i] / total;
  }
  return v;
}

int64_t peakOf(const Rows& graph, const std::vector<double>& v, int64_t i) {
  for (;;) {
    int64_t best = i;
    double largest = 0;
    for (const auto& [j, weight] : graph[i]) {
      const double gain = weight * (v[j] - v[i]);
      if (gain > largest) {
        largest = gain;
        best = j;
      }
    }
    if (best == i) return i;
    i = best;
  }
}

}  // namespace

void pic(Workers&, const int64_t* ids, ConstMatrix distances, const dc4j_pic_options& options,
         int32_t* labels, int64_t* clusters) {
  const int64_t n = distances.rows, k = distances.cols;
  const Rows graph = symmetric(ids, distances, options.sigma);
  const std::vector<double> v = iterate(graph, options);
  std::vector<int64_t> peaks, sizes(graph.size());
  for (int64_t i = 0; i < n; i++) peaks.push_back(peakOf(graph, v, i));
  for (const int64_t peak : peaks) sizes[peak]++;
  std::map<int64_t, int32_t> numbers;
  for (int64_t i = 0; i < n; i++) {
    int64_t peak = peaks[i];
    for (int64_t p = 0; p < k && sizes[peak] == 1; p++) {
      const int64_t j = ids[i * k + p];
      if (j >= 0 && sizes[peaks[j]] > 1) peak = peaks[j];
    }
    labels[i] = numbers.emplace(peak, static_cast<int32_t>(numbers.size())).first->second;
  }
  *clusters = static_cast<int64_t>(numbers.size());
}

}  // namespace reference
}  // namespace dc4j
