#include "core/seeding.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

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

int64_t seedBatch(int64_t n) { return std::min(INT64_C(256), std::max(INT64_C(8), n / 8)); }

bool SeedCandidates::draw(const double* weight, const double* block_sum, int64_t count,
                          SeedCandidate* out) {
  if (!addUp(block_sum)) return false;
  for (int64_t q = 0; q < count; q++) {
    const SeedDraw draw = next(block_sum);
    out[q] = {rowOf(draw, weight, n_), draw.acceptance};
  }
  return true;
}

bool SeedCandidates::drawBlocks(const double* block_sum, int64_t count, SeedDraw* out) {
  if (!addUp(block_sum)) return false;
  for (int64_t q = 0; q < count; q++) out[q] = next(block_sum);
  return true;
}

/** False if all weights are 0. */
bool SeedCandidates::addUp(const double* block_sum) {
  double total = 0;
  for (int64_t b = 0; b < blocks_; b++) running_[b] = total += block_sum[b];
  return total > 0;
}

SeedDraw SeedCandidates::next(const double* block_sum) {
  const PhiloxBlock words = philox(seed_, ++drawn_);
  const double target = uniformOf(words.word[0], words.word[1]) * running_[blocks_ - 1];
  int64_t block = std::upper_bound(running_, running_ + blocks_, target) - running_;
  // u * total may round to total: then the last row of positive weight.
  if (block == blocks_) block--;
  while (!(block_sum[block] > 0)) block--;
  return {block, block == 0 ? 0 : running_[block - 1], target,
          uniformOf(words.word[2], words.word[3])};
}

void appendLowest(int64_t n, int64_t count, int64_t k, int64_t* rows) {
  std::vector<int64_t> taken(rows, rows + count);
  std::sort(taken.begin(), taken.end());
  auto next = taken.begin();
  for (int64_t i = 0; i < n && count < k; i++) {
    if (next != taken.end() && *next == i) {
      ++next;
    } else {
      rows[count++] = i;
    }
  }
}

}  // namespace dc4j
