#include "core/seeding.h"

#include <algorithm>
#include <unordered_map>

#include "core/philox.h"

namespace dc4j {

void sampleRows(int64_t n, int64_t k, uint64_t seed, int64_t* rows) {
  // Only the swapped entries of the permutation are kept; an absent entry i still holds i.
  std::unordered_map<int64_t, int64_t> moved;
  const auto at = [&](int64_t i) {
    const auto found = moved.find(i);
    return found == moved.end() ? i : found->second;
  };
  for (int64_t i = 0; i < k; i++) {
    const int64_t j = i + static_cast<int64_t>(philoxBelow(seed, static_cast<uint64_t>(i),
                                                           static_cast<uint64_t>(n - i)));
    rows[i] = at(j);
    moved[j] = at(i);
  }
}

int64_t firstSeed(int64_t n, uint64_t seed) {
  return static_cast<int64_t>(philoxBelow(seed, 0, static_cast<uint64_t>(n)));
}

int64_t nextSeed(int64_t n, uint64_t seed, int64_t draw, const double* weight,
                 const double* block_sum, const uint8_t* chosen) {
  const int64_t blocks = (n + kSeedBlock - 1) / kSeedBlock;
  double total = 0;
  for (int64_t b = 0; b < blocks; b++) total += block_sum[b];
  if (!(total > 0)) {
    for (int64_t i = 0; i < n; i++) {
      if (!chosen[i]) return i;
    }
    return n - 1;  // not reached: k <= n
  }
  const double target = philoxUniform(seed, static_cast<uint64_t>(draw)) * total;
  double before = 0;
  int64_t block = -1;  // the block the target falls into; by rounding at the latest the last one
  for (int64_t b = 0; b < blocks; b++) {
    if (!(block_sum[b] > 0)) continue;
    if (block >= 0) before += block_sum[block];
    block = b;
    if (before + block_sum[b] > target) break;
  }
  int64_t last = -1;
  double sum = before;
  for (int64_t i = block * kSeedBlock; i < std::min(n, (block + 1) * kSeedBlock); i++) {
    if (!(weight[i] > 0)) continue;
    last = i;
    sum += weight[i];
    if (sum > target) break;
  }
  return last;
}

}  // namespace dc4j
