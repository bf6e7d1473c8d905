// loss = sum_i w_{y_i} (log sum_j exp z_ij - z_{i y_i}) / W, W = sum_i w_{y_i}; gradient_ij =
// w_{y_i} / W (softmax_ij - [j = y_i]). logits, gradient [n x k]; a block a row, 3 passes over it,
// fp32 exponentials, their sum and the loss in fp64 and in a fixed order. Rows with a negative
// label count for nothing; W = 0 gives 0 and zeros. Judge: reference/cross_entropy.cpp, within fp32
// rounding of exp and its argument.
#include <cfloat>

#include "cuda/arguments.h"
#include "cuda/block_sums.h"
#include "cuda/first_bad_row.h"
#include "cuda/loss_terms.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

struct CrossEntropy {
  const int32_t* labels;       // [n], of all rows
  const float* class_weights;  // [k] or NULL
  const double* weights;       // W
  double* terms;               // [n]
  int64_t* bad;
};

__device__ inline double weightOf(const CrossEntropy& call, int64_t label) {
  if (label < 0) return 0;
  return call.class_weights == nullptr ? 1 : static_cast<double>(call.class_weights[label]);
}

__global__ void rowWeightsKernel(CrossEntropy call, int64_t n) {
  for (int64_t i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    call.terms[i] = weightOf(call, call.labels[i]);
  }
}

/** Of k logits, in every thread of the block; NaN or infinity where one is. */
__device__ inline float largestLogit(const float* z, int64_t k) {
  float largest = -FLT_MAX;
  bool finite = true;
  for (int64_t j = threadIdx.x; j < k; j += kReducingThreads) {
    finite = finite && isfinite(z[j]);
    largest = fmaxf(largest, z[j]);
  }
  return largestOfBlock(finite ? largest : INFINITY);
}

/** A block a row. */
__global__ void crossEntropyKernel(ConstMatrix logits, int64_t first, CrossEntropy call,
                                   Matrix gradient) {
  const int64_t k = logits.cols;
  for (int64_t i = blockIdx.x; i < logits.rows; i += gridDim.x) {
    const float* z = rowAt(logits, i);
    float* to = gradient.data == nullptr ? nullptr : rowAt(gradient, i);
    const int64_t y = call.labels[first + i];
    const double weight = weightOf(call, y), weights = *call.weights;
    const float largest = largestLogit(z, k);
    double sum = 0;
    for (int64_t j = threadIdx.x; j < k; j += kReducingThreads) {
      sum += static_cast<double>(expf(z[j] - largest));
    }
    sum = sumOfBlock(sum);
    const bool counts = y >= 0 && weights > 0;
    if (threadIdx.x == 0) {
      if (!isfinite(largest)) atomicLeast(call.bad, first + i);
      const double shifted = counts ? static_cast<double>(z[y]) - static_cast<double>(largest) : 0;
      call.terms[first + i] = counts ? weight * (log(sum) - shifted) : 0;
    }
    if (to == nullptr) continue;
    const double share = counts ? weight / weights : 0;
    const float factor = counts ? static_cast<float>(share / sum) : 0;
    for (int64_t j = threadIdx.x; j < k; j += kReducingThreads) {
      const float e = expf(z[j] - largest);
      to[j] = counts && j == y ? static_cast<float>(share * ((static_cast<double>(e) - sum) / sum))
                               : (counts ? e * factor : 0);
    }
  }
}

__global__ void quotientKernel(const double* sum, const double* weights, double* loss) {
  *loss = *weights > 0 ? *sum / *weights : 0;
}

void cross_entropy(Workers& workers, ConstMatrix logits, const int32_t* labels,
                   const float* class_weights, Matrix gradient, double* loss) {
  CudaState& state = CudaState::of(workers);
  const int64_t n = logits.rows;
  Arguments device(state, Place::device);
  FirstBadRow bad(state);
  const DeviceArray<double> terms(state, n), weights(state, 1), total(state, 1);
  const CrossEntropy call = {device.in(labels, n), device.in(class_weights, logits.cols),
                             weights.data(), terms.data(), bad.data()};
  double* const result = device.out(loss, 1);
  DC4J_LAUNCH(rowWeightsKernel, blocksForLoop(n, kReducingThreads), kReducingThreads, 0,
              state.stream(), call, n);
  sumInOrder(state, terms.data(), n, weights.data());
  if (gradient.data == nullptr) gradient = {nullptr, 0, 0, 0};
  RowChunks chunks(state, logits, gradient, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    DC4J_LAUNCH(crossEntropyKernel, blocksForLoop(chunk.x.rows, 1), kReducingThreads, 0,
                state.stream(), chunk.x, chunk.first, call, chunk.out);
  }
  sumInOrder(state, terms.data(), n, total.data());
  DC4J_LAUNCH(quotientKernel, 1, 1, 0, state.stream(), total.data(), weights.data(), result);
  chunks.finish();
  bad.check("logits");
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
