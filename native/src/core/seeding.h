// Choices of k-means seeding, shared by all backends so that the same numbers give the same rows.
#pragma once
#include <cstdint>

namespace dc4j {

/** Rows whose weights are summed in index order before the sums are added in order. */
constexpr int64_t kSeedBlock = 1024;

/** rows[0..k) = k distinct rows of 0..n-1, uniformly: the head of a Fisher-Yates shuffle whose step
 * i draws from the n - i rows left with Philox draw i. Time and memory O(k). */
void sampleRows(int64_t n, int64_t k, uint64_t seed, int64_t* rows);

/** The first row of k-means++: uniform, Philox draw 0. */
int64_t firstSeed(int64_t n, uint64_t seed);

/** Draw `draw` >= 1 of k-means++: the first row i of weight > 0 with weight[0] + ... + weight[i] >
 * u * total, all sums over blocks of kSeedBlock rows (block_sum), u from Philox. If all weights are
 * 0, the lowest row that is not marked in `chosen`. */
int64_t nextSeed(int64_t n, uint64_t seed, int64_t draw, const double* weight,
                 const double* block_sum, const uint8_t* chosen);

}  // namespace dc4j
