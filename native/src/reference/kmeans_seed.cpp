// k rows of x as first centroids (core/seeding.h chooses). k-means++: weight[i] = min over the
// chosen rows of |x_i - c|^2 (fp64, direct differences); n k d multiply-adds.
#include <algorithm>
#include <limits>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"
#include "core/seeding.h"

namespace dc4j {
namespace reference {

static void plusPlus(ConstMatrix x, int64_t k, uint64_t seed, int64_t* rows) {
  const int64_t n = x.rows;
  std::vector<double> weight(n, std::numeric_limits<double>::infinity());
  std::vector<double> block_sum((n + kSeedBlock - 1) / kSeedBlock);
  std::vector<uint8_t> chosen(n);
  for (int64_t draw = 0; draw < k; draw++) {
    const int64_t row =
        draw == 0 ? firstSeed(n, seed)
                  : nextSeed(n, seed, draw, weight.data(), block_sum.data(), chosen.data());
    rows[draw] = row;
    chosen[row] = 1;
    std::fill(block_sum.begin(), block_sum.end(), 0);
    for (int64_t i = 0; i < n; i++) {
      weight[i] = std::min(weight[i], exactSquaredDistance(x.row(i), x.row(row), x.cols));
      block_sum[i / kSeedBlock] += weight[i];
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
