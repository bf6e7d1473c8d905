// J_ij = max(0, 1 - m / (2 - m)), m = sum_t min(V'_it, V'_jt), from k-reciprocal sets (graph.h). x
// [n x d], ids [n x k1]; every set as a set, every row of weights as a map, all n^2 pairs tried.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {
namespace {

using Ids = std::vector<int64_t>;
using Weights = std::map<int64_t, float>;

std::vector<Ids> rankRows(const int64_t* ids, int64_t n, int64_t k1) {
  std::vector<Ids> rank;
  for (int64_t i = 0; i < n; i++) {
    Ids row = {i};
    for (int64_t p = 0; p < k1 && static_cast<int64_t>(row.size()) < k1; p++) {
      const int64_t j = ids[i * k1 + p];
      if (j >= 0 && j != i) row.push_back(j);
    }
    rank.push_back(row);
  }
  return rank;
}

bool among(const Ids& ids, int64_t first, int64_t id) {
  const int64_t end = std::min<int64_t>(first, static_cast<int64_t>(ids.size()));
  return std::find(ids.begin(), ids.begin() + end, id) != ids.begin() + end;
}

/** R(i, k) */
std::set<int64_t> reciprocal(const std::vector<Ids>& rank, int64_t i, int64_t k) {
  std::set<int64_t> mutual;
  for (const int64_t j : rank[i]) {
    if (among(rank[i], k + 1, j) && among(rank[j], k + 1, i)) mutual.insert(j);
  }
  return mutual;
}

/** R*(i) */
std::set<int64_t> expanded(const std::vector<Ids>& rank, int64_t i, int64_t k1) {
  const std::set<int64_t> mutual = reciprocal(rank, i, k1);
  std::set<int64_t> all = mutual;
  for (const int64_t q : mutual) {
    const std::set<int64_t> half = reciprocal(rank, q, std::llrint(static_cast<double>(k1) / 2));
    int64_t shared = 0;
    for (const int64_t j : half) shared += mutual.count(j) > 0;
    if (3 * shared > 2 * static_cast<int64_t>(half.size())) all.insert(half.begin(), half.end());
  }
  return all;
}

/** V_i */
Weights softmax(ConstMatrix x, int64_t i, const std::set<int64_t>& over) {
  std::map<int64_t, double> dots;
  for (const int64_t j : over) dots[j] = exactDot(x.row(i), x.row(j), x.cols);
  double largest = dots.begin()->second, sum = 0;
  for (const auto& [j, dot] : dots) largest = std::max(largest, dot);
  for (auto& [j, dot] : dots) sum += dot = std::exp(2 * (dot - largest));
  Weights weights;
  for (const auto& [j, e] : dots) weights[j] = static_cast<float>(e / sum);
  return weights;
}

/** V'_i */
Weights meanOf(const std::vector<Weights>& weights, const Ids& rank, int64_t k2) {
  const int64_t count = std::min<int64_t>(k2, static_cast<int64_t>(rank.size()));
  std::map<int64_t, double> sums;
  for (int64_t p = 0; p < count; p++) {
    for (const auto& [t, weight] : weights[rank[p]]) sums[t] += weight;
  }
  Weights mean;
  for (const auto& [t, sum] : sums) {
    mean[t] = static_cast<float>(sum / static_cast<double>(count));
  }
  return mean;
}

float distance(const Weights& a, const Weights& b) {
  double shared = 0;
  for (const auto& [t, weight] : a) {
    const auto other = b.find(t);
    if (other != b.end()) shared += std::min(weight, other->second);
  }
  return static_cast<float>(std::max(0.0, 1 - shared / (2 - shared)));
}

}  // namespace

void jaccard(Workers& workers, ConstMatrix x, const int64_t* ids, int64_t k1, int64_t k2,
             Graph& graph) {
  requireFinite(x, "x");
  const int64_t n = x.rows;
  const std::vector<Ids> rank = rankRows(ids, n, k1);
  std::vector<Weights> weights, means;
  for (int64_t i = 0; i < n; i++) weights.push_back(softmax(x, i, expanded(rank, i, k1)));
  for (int64_t i = 0; i < n; i++) means.push_back(meanOf(weights, rank[i], k2));
  buildRows(workers, graph, [&](int64_t i, Entries& row, int) {
    row.reserve(n);
    for (int64_t j = 0; j < n; j++) {
      const float d = i == j ? 0 : distance(means[i], means[j]);
      if (d < graph.limit) row.add(static_cast<int32_t>(j), d);
    }
  });
}

}  // namespace reference
}  // namespace dc4j
