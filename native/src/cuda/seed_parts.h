// The kernels of kmeans_seed, queued. All arrays lie on the device.
#pragma once
#include "core/seeding.h"
#include "core/view.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {

/** weight[i] = min(weight[i], |x_i - c|^2 for all rows c of newer), in the order of
 * core/exact_score.h; first: weight has no value yet. x [n x d], newer [L x d], weight [n]. */
void lowerWeights(CudaState& state, ConstMatrix x, ConstMatrix newer, bool first, double* weight);

/** sums[b] = weights of rows kSeedBlock b and on, in order. */
void sumWeights(CudaState& state, const double* weight, int64_t n, double* sums);

/** rows[q] = rowOf(draws[q]), and its weight. */
void findRows(CudaState& state, const SeedDraw* draws, int64_t count, const double* weight,
              int64_t n, int64_t* rows, double* weights);

/** distances[q * L + p] = |x_q - x_p|^2 for p < q; x [L x d]. */
void measurePairs(CudaState& state, ConstMatrix x, double* distances);

}  // namespace cuda
}  // namespace dc4j
