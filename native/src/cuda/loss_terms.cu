#include "cuda/block_sums.h"
#include "cuda/loss_terms.h"

namespace dc4j {
namespace cuda {

constexpr int64_t kTermsOfBlock = 16 * kReducingThreads;

__global__ void countKeptKernel(const int32_t* first, const int32_t* second, int64_t n,
                                int64_t* count) {
  int kept = 0;  // n / threads stays far below 2^31
  for (int64_t i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    kept += first[i] >= 0 && (second == nullptr || second[i] >= 0);
  }
  kept = __reduce_add_sync(kAllLanes, kept);
  if (laneOf() == 0) atomicAddTo(count, kept);
}

void countKept(CudaState& state, const int32_t* first, const int32_t* second, int64_t n,
               int64_t* count) {
  check(cudaMemsetAsync(count, 0, sizeof(int64_t), state.stream()), "filling");
  DC4J_LAUNCH(countKeptKernel, blocksForLoop(n, kReducingThreads), kReducingThreads, 0,
              state.stream(), first, second, n, count);
}

/** A block sums kTermsOfBlock values. */
__global__ void sumTermsKernel(const double* values, int64_t n, double* sums) {
  const int64_t from = static_cast<int64_t>(blockIdx.x) * kTermsOfBlock;
  const int64_t end = n - from < kTermsOfBlock ? n : from + kTermsOfBlock;
  double sum = 0;
  for (int64_t i = from + threadIdx.x; i < end; i += kReducingThreads) sum += values[i];
  sum = sumOfBlock(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

void sumInOrder(CudaState& state, const double* values, int64_t n, double* to) {
  const int64_t blocks = (n + kTermsOfBlock - 1) / kTermsOfBlock;
  if (blocks > 1) {
    const DeviceArray<double> sums(state, blocks);
    DC4J_LAUNCH(sumTermsKernel, blocksFor(n, kTermsOfBlock), kReducingThreads, 0, state.stream(),
                values, n, sums.data());
    sumInOrder(state, sums.data(), blocks, to);
    return;
  }
  DC4J_LAUNCH(sumTermsKernel, 1, kReducingThreads, 0, state.stream(), values, n, to);
}

__global__ void meanKernel(const double* sum, const int64_t* count, double* loss) {
  *loss = *count > 0 ? *sum / static_cast<double>(*count) : 0;
}

void meanOf(CudaState& state, const double* sum, const int64_t* count, double* loss) {
  DC4J_LAUNCH(meanKernel, 1, 1, 0, state.stream(), sum, count, loss);
}

}  // namespace cuda
}  // namespace dc4j
