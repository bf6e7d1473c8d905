// k rows of x as first centroids (core/seeding.h draws, kernels.h defines). k-means++: weight[i] =
// min over the rows chosen before the batch of |x_i - c|^2 (fp64, direct differences); n k d
// multiply-adds.
#include <algorithm>
#include <limits>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"
#include "core/seeding.h"

namespace dc4j {
namespace reference {

/** weight[i] against rows[first..count) as well. */
static void addRows(ConstMatrix x, const int64_t* rows, int64_t first, int64_t count,
                    std::vector<double>& weight, std::vector<double>& block_sum) {
  std::fill(block_sum.begin(), block_sum.end(), 0);
  for (int64_t i = 0; i < x.rows; i++) {
    for (int64_t j = first; j < count; j++) {
      weight[i] = std::min(weight[i], exactSquaredDistance(x.row(i), x.row(rows[j]), x.cols));
    }
    block_sum[i / kSeedBlock] += weight[i];
  }
}

static void plusPlus(ConstMatrix x, int64_t k, uint64_t seed, int64_t* rows) {
  const int64_t n = x.rows;
  std::vector<double> weight(n, std::numeric_limits<double>::infinity());
  std::vector<double> block_sum((n + kSeedBlock - 1) / kSeedBlock);
  std::vector<SeedCandidate> batch(seedBatch(n));
  std::vector<double> running(block_sum.size());
  SeedCandidates candidates(n, seed, running.data());
  rows[0] = firstSeed(n, seed);
  int64_t first = 0, count = 1;
  while (count < k) {
    addRows(x, rows, first, count, weight, block_sum);
    if (!candidates.draw(weight.data(), block_sum.data(), static_cast<int64_t>(batch.size()),
                         batch.data())) {
      return appendLowest(n, count, k, rows);
    }
    first = count;
    for (const SeedCandidate& candidate : batch) {
      if (count == k) break;
      double left = weight[candidate.row];
      for (int64_t j = first; j < count; j++) {
        left = std::min(left, exactSquaredDistance(x.row(candidate.row), x.row(rows[j]), x.cols));
      }
      if (candidate.acceptance * weight[candidate.row] < left) rows[count++] = candidate.row;
    }
  }
}

void kmeans_seed(Workers&, ConstMatrix x, int32_t method, uint64_t seed, Matrix centroids,
                 int64_t* rows) {
  requireFinite(x, "x");
  const int64_t k = centroids.rows;
  std::vector<int64_t> chosen(static_cast<size_t>(k));
  if (method == DC4J_SEED_RANDOM) {
    sampleRows(x.rows, k, seed, chosen.data());
  } else {
    plusPlus(x, k, seed, chosen.data());
  }
  for (int64_t j = 0; j < k; j++) {
    if (rows != nullptr) rows[j] = chosen[j];
    std::copy(x.row(chosen[j]), x.row(chosen[j]) + x.cols, centroids.row(j));
  }
}

}  // namespace reference
}  // namespace dc4j
