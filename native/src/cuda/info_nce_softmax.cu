// From scores to weights, and from sums to losses and gradients (info_nce_parts.h).
#include <cfloat>
#include <cmath>

#include "cuda/bf16_bits.h"
#include "cuda/block_sums.h"
#include "cuda/info_nce_parts.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** 2^(e_i + e) / temperature. */
__device__ inline double inverseOf(const NceGroup& group, int64_t i) {
  return ldexp(1 / group.temperature, group.state.exponent[i] + group.memory_exponent);
}

__device__ inline float scoreAt(const NceScores& scores, int64_t i, int64_t j) {
  const int64_t at = i * scores.stride + j;
  if (scores.scores != nullptr) return scores.scores[at];
  const int64_t whole = static_cast<int64_t>(scores.high[at]) * 65536 +
                        static_cast<int64_t>(scores.middle[at]) * 256 + scores.low[at];
  return static_cast<float>(whole) * (scores.quantum[i] * scores.memory_quantum[j]);
}

/** What was summed before this block of columns, in units of the new largest score. */
__device__ inline void rescalePooled(const NceGroup& group, int64_t stride, int64_t i,
                                     float scale) {
  if (group.state.pooled == nullptr || scale == 1) return;
  float* row = group.state.pooled + i * stride;
  for (int64_t t = threadIdx.x; t < group.x.cols; t += blockDim.x) row[t] *= scale;
}

/** The factor from scores to logits; beyond fp32 it stays finite: differences are 0, or large
 * enough for a weight of 0. */
__device__ inline float finiteInverseOf(const NceGroup& group, int64_t i) {
  const double exact = inverseOf(group, i);
  return exact < FLT_MAX ? static_cast<float>(exact) : FLT_MAX;
}

/** What a block of columns did to a row. */
struct BlockOfRow {
  float before, after, inverse;  // the largest score, the factor from scores to logits
  double sum;                    // of its weights
};

/** Adds it to the row; all threads of the block, whose barrier lies before. */
__device__ inline void takeSum(const NceGroup& group, const NceScores& scores, int64_t i,
                               const BlockOfRow& block) {
  const float scale = expf((block.before - block.after) * block.inverse);
  if (scores.first > 0) rescalePooled(group, scores.pooled_stride, i, scale);
  if (threadIdx.x != 0) return;
  group.state.largest[i] = block.after;
  group.state.sum[i] = group.state.sum[i] * static_cast<double>(scale) + block.sum;
}

/** A block a row. Rows that are left out keep what they have: nobody reads it. */
__global__ void weighScoresKernel(NceGroup group, NceScores scores) {
  for (int64_t i = blockIdx.x; i < group.x.rows; i += gridDim.x) {
    if (group.labels[i] < 0) continue;
    const int64_t label = group.labels[i] - scores.first, row = i * scores.stride;
    float largest = -FLT_MAX;
    for (int64_t j = threadIdx.x; j < scores.count; j += kReducingThreads) {
      const float score = scoreAt(scores, i, j);
      if (scores.scores == nullptr) scores.high[row + j] = __float_as_int(score);
      if (j != label) largest = fmaxf(largest, score);
    }
    largest = largestOfBlock(largest);
    const float before = group.state.largest[i], after = fmaxf(before, largest);
    const float inverse = finiteInverseOf(group, i);
    double sum = 0;
    for (int64_t j = threadIdx.x; j < scores.stride; j += kReducingThreads) {
      float weight = 0;
      if (j < scores.count && j != label) {
        const float score = scores.scores != nullptr ? scores.scores[row + j]
                                                     : __int_as_float(scores.high[row + j]);
        weight = expf((score - after) * inverse);
      }
      sum += static_cast<double>(weight);
      if (scores.scores != nullptr) {
        scores.scores[row + j] = weight;
      } else {
        scores.weights[row + j] = toBf16(weight);
      }
    }
    sum = sumOfBlock(sum);  // its barrier: all have read what thread 0 writes now
    takeSum(group, scores, i, {before, after, inverse, sum});
  }
}

constexpr int kHalfThreads = 512;
constexpr int kHeld = 5;  // groups of four scores that a thread keeps between its two looks at them

/** A thread's groups of four scores of a row. */
template <bool kKept>
struct Fours {
  const float* row;
  int64_t stride;
  float4 kept[kKept ? kHeld : 1];
  __device__ static int64_t column(int64_t s) { return 4 * (s * kHalfThreads + threadIdx.x); }
  /** look(column of the first, the four) for each. */
  template <bool kFirst, typename Look>
  __device__ void each(const Look& look) {
    if constexpr (kKept) {
      DC4J_UNROLL
      for (int s = 0; s < kHeld; s++) {
        if (column(s) >= stride) continue;
        if (kFirst) kept[s] = *reinterpret_cast<const float4*>(row + column(s));
        look(column(s), kept[s]);
      }
    } else {
      DC4J_UNROLL_BY(4)
      for (int64_t j = column(0); j < stride; j += 4 * kHalfThreads) {
        look(j, *reinterpret_cast<const float4*>(row + j));
      }
    }
  }
};

/** As weighScoresKernel, for weights in fp16. Rows start at 16 bytes. */
template <bool kKept>
__global__ void __launch_bounds__(kHalfThreads, 2)
    weighHalvesKernel(NceGroup group, NceScores scores) {
  for (int64_t i = blockIdx.x; i < group.x.rows; i += gridDim.x) {
    if (group.labels[i] < 0) continue;
    const int64_t label = group.labels[i] - scores.first, row = i * scores.stride;
    const auto counts = [&](int64_t j) { return j < scores.count && j != label; };
    Fours<kKept> fours = {scores.scores + row, scores.stride, {}};
    float largest = -FLT_MAX;
    fours.template each<true>([&](int64_t j, const float4& four) {
      if (counts(j)) largest = fmaxf(largest, four.x);
      if (counts(j + 1)) largest = fmaxf(largest, four.y);
      if (counts(j + 2)) largest = fmaxf(largest, four.z);
      if (counts(j + 3)) largest = fmaxf(largest, four.w);
    });
    largest = largestOfBlock<kHalfThreads>(largest);
    const float before = group.state.largest[i], after = fmaxf(before, largest);
    const float inverse = finiteInverseOf(group, i);
    const auto weigh = [&](int64_t j, float score) {
      return counts(j) ? __expf((score - after) * inverse) : 0;
    };
    double sum = 0;
    fours.template each<false>([&](int64_t j, const float4& four) {
      const float weights[] = {weigh(j, four.x), weigh(j + 1, four.y), weigh(j + 2, four.z),
                               weigh(j + 3, four.w)};
      sum += static_cast<double>((weights[0] + weights[1]) + (weights[2] + weights[3]));
      unsigned bits[4];
      DC4J_UNROLL
      for (int e = 0; e < 4; e++) {
        bits[e] = __half_as_ushort(__float2half_rn(weights[e] * kWeightScale));
      }
      *reinterpret_cast<uint2*>(scores.half_weights + row + j) = {bits[0] | bits[1] << 16,
                                                                  bits[2] | bits[3] << 16};
    });
    sum = sumOfBlock<kHalfThreads>(sum);  // its barrier: all have read what thread 0 writes now
    takeSum(group, scores, i, {before, after, inverse, sum});
  }
}

void weighScores(CudaState& state, const NceGroup& group, const NceScores& scores) {
  const unsigned blocks = blocksForLoop(group.x.rows, 1);
  if (scores.half_weights == nullptr) {
    DC4J_LAUNCH(weighScoresKernel, blocks, kReducingThreads, 0, state.stream(), group, scores);
  } else if (scores.stride <= 4 * kHeld * kHalfThreads) {
    DC4J_LAUNCH(weighHalvesKernel<true>, blocks, kHalfThreads, 0, state.stream(), group, scores);
  } else {
    DC4J_LAUNCH(weighHalvesKernel<false>, blocks, kHalfThreads, 0, state.stream(), group, scores);
  }
}

/** A warp a row. */
__global__ void finishRowsKernel(NceGroup group, NceFinish to) {
  for (int64_t i = warpOfGrid(); i < group.x.rows; i += warpsOfGrid()) {
    const int64_t label_row = group.labels[i], d = group.x.cols;
    float* out = to.gradient.data == nullptr ? nullptr : rowAt(to.gradient, i);
    if (label_row < 0) {
      for (int64_t t = laneOf(); t < d && out != nullptr; t += kWarp) out[t] = 0;
      if (laneOf() == 0) to.terms[i] = 0;
      continue;
    }
    const double others = group.state.sum[i];
    const double largest = static_cast<double>(group.state.largest[i]);
    const double shifted = (group.state.positive[i] - largest) * inverseOf(group, i);
    const double label = exp(shifted), sum = others + label;
    if (laneOf() == 0) to.terms[i] = label > others ? log1p(others / label) : log(sum) - shifted;
    if (out == nullptr) continue;
    const double share = 1 / (sum * static_cast<double>(*to.count) * group.temperature);
    const double unit = ldexp(1.0, group.memory_exponent);
    const float* own = rowAt(to.memory, label_row);
    const float* pooled = group.state.pooled + i * to.stride;
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const double difference =
          static_cast<double>(pooled[t]) * unit - others * static_cast<double>(own[t]);
      out[t] = static_cast<float>(share * difference);
    }
  }
}

void finishRows(CudaState& state, const NceGroup& group, const NceFinish& to) {
  DC4J_LAUNCH(finishRowsKernel, blocksForLoop(group.x.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), group, to);
}

}  // namespace cuda
}  // namespace dc4j
