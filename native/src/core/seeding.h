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

/** Candidates of a batch: min(256, max(8, n / 8)). Examining them costs at most L / 2 distances for
 * each that is accepted, so a batch stays small beside its pass over n rows. */
int64_t seedBatch(int64_t n);

/** A candidate of k-means++: accepted where acceptance * D^2 before the batch < D^2 now. */
struct SeedCandidate {
  int64_t row;
  double acceptance;  // uniform in [0, 1)
};

#ifdef __CUDACC__
#define DC4J_HOST_AND_DEVICE __host__ __device__
#else
#define DC4J_HOST_AND_DEVICE
#endif

/** A candidate whose row is still to be found in its block. */
struct SeedDraw {
  int64_t block;
  double before, target;  // sum of the weights of the blocks before; where the row is
  double acceptance;
};

/** The first row of weight > 0 of the block with before + (sums up to and with it) > target, or the
 * last of weight > 0. */
DC4J_HOST_AND_DEVICE inline int64_t rowOf(const SeedDraw& draw, const double* weight, int64_t n) {
  const int64_t begin = draw.block * kSeedBlock;
  const int64_t end = n - begin < kSeedBlock ? n : begin + kSeedBlock;
  double sum = draw.before;
  int64_t last = -1;
  for (int64_t i = begin; i < end; i++) {
    if (!(weight[i] > 0)) continue;
    last = i;
    sum += weight[i];
    if (sum > draw.target) break;
  }
  return last;
}

/** The candidates of k-means++, numbered from 1 over all batches: number q is decided by the words
 * of Philox counter q alone, 0 and 1 for the row, 2 and 3 for the acceptance. */
class SeedCandidates {
 public:
  /** running: memory for one number per block. */
  SeedCandidates(int64_t n, uint64_t seed, double* running)
      : n_(n), blocks_((n + kSeedBlock - 1) / kSeedBlock), seed_(seed), running_(running) {}

  /** The next `count` candidates by the law of weight [n]: the first row i of weight > 0 with
   * weight[0] + ... + weight[i] > u * total, all sums over blocks of kSeedBlock rows (block_sum)
   * and then over blocks. False, and no candidates, if all weights are 0. */
  bool draw(const double* weight, const double* block_sum, int64_t count, SeedCandidate* out);

  /** The same, with rowOf left to the caller. */
  bool drawBlocks(const double* block_sum, int64_t count, SeedDraw* out);

 private:
  SeedDraw next(const double* block_sum);
  bool addUp(const double* block_sum);

  int64_t n_, blocks_;
  uint64_t seed_, drawn_ = 0;
  double* running_;  // sums of the blocks up to and with each
};

/** rows[count..k) = the lowest rows of 0..n-1 not among rows[0..count), ascending. */
void appendLowest(int64_t n, int64_t count, int64_t k, int64_t* rows);

}  // namespace dc4j
