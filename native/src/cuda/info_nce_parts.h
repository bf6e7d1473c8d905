// The steps of info_nce (info_nce.cpp has the whole), each queued.
//
// Everything is kept in units that fp32 holds: x'_i = x_i 2^-e_i with an e per row, c' = c 2^-e
// with one e for the memory (0 unless its largest entry is beyond 2^+-40; then the rows of the
// memory are copied). Powers of two are exact: logits differ by what the products differ by, and by
// nothing else. s_ij = x'_i.c'_j, and z_ij = s_ij 2^(e_i + e) / temperature.
//
// Fast, from kFewestHalves columns on: 2^8 x' and 2^8 c' in fp16, with the same scale for the whole
// memory (what an entry is rounded by averages out over so many products); e is 0 while the largest
// entry is within 2^+-7. Weights are fp16 times 2^15 in the weighted sum.
//
// Fast below: x' and c' as int16 with a quantum per row, v = 256 high + low in two int8; their
// products are four exact int8 ones. Weights and c' are bf16 in the weighted sum.
#pragma once
#include <cuda_fp16.h>

#include "core/view.h"
#include "cuda/device_array.h"

namespace dc4j {
namespace cuda {

constexpr int64_t kPadding = 16;  // rows and columns of what tensor cores read
inline int64_t padded(int64_t count) { return (count + kPadding - 1) / kPadding * kPadding; }

constexpr int64_t kFewestHalves = 256;
constexpr float kHalfScale = 256;      // of rows in fp16
constexpr float kWeightScale = 32768;  // of weights in fp16

/** Rows as the products take them; those beyond the last, and columns beyond d, are 0. */
struct NceRows {
  int64_t stride;      // d, padded
  float* values;       // [rows x stride], or NULL
  signed char* bytes;  // [rows x 2 stride] high, low of x; low, high of the memory; or NULL
  uint16_t* halves;    // [rows x stride] in bf16, or NULL
  float* quantum;      // [rows] of bytes
};

/** What goes with rows of x through the memory. */
struct NceState {
  int* exponent;     // [rows] e_i
  double* positive;  // [rows] x'_i.c'_{y_i} in the order of the exact score
  float* largest;    // [rows] running maximum of s_ij over j != y_i: weights of what is far below
                     // the positive keep their bits in fp16
  double* sum;       // [rows] sum over j != y_i of exp(z_ij - largest)
  float* pooled;     // [rows x stride] the same sum of c'_j, or NULL
};

/** A group of rows of x. */
struct NceGroup {
  ConstMatrix x;
  const int32_t* labels;
  double temperature;
  int memory_exponent;
  NceState state;
};

/** Scores of a group and a block of columns, [padded rows x stride]. */
struct NceScores {
  int64_t first, count, stride;  // columns; stride is count, padded
  int64_t pooled_stride;
  float* scores;                 // fp32: scores, then weights
  int32_t *high, *middle, *low;  // fast: products; then `high` has the bits of scores
  uint16_t* weights;             // fast: bf16
  __half* half_weights;          // fast by halves: times kWeightScale
  const float *quantum, *memory_quantum;
};

/** max |entry| and rows that are not finite. */
struct NceRange {
  unsigned* largest;  // its bits
  int64_t* bad;
};

/** `rows` rows (more than x has are 0) of x'; writes exponents, reports rows first + i. */
void packQueries(CudaState& state, const NceGroup& group, int64_t first, int64_t rows,
                 const NceRows& to, int64_t* bad);
/** Positives, and where largest and sum start. */
void startRows(CudaState& state, const NceGroup& group, ConstMatrix memory);
/** `rows` rows of c' in what `to` has; fills range, unless its pointers are NULL. */
void packMemory(CudaState& state, ConstMatrix block, int64_t first, int64_t rows, int exponent,
                const NceRows& to, const NceRange& range);
/** kHalfScale x' of `rows` rows, the rest of packQueries included. */
void packQueryHalves(CudaState& state, const NceGroup& group, int64_t first, int64_t rows,
                     int64_t stride, __half* to, int64_t* bad);
/** kHalfScale c' of `rows` rows; fills range, unless its pointers are NULL. */
void packMemoryHalves(cudaStream_t stream, ConstMatrix block, int64_t first, int64_t rows,
                      int exponent, int64_t stride, __half* to, const NceRange& range);
/** The range alone. */
void measureMemory(CudaState& state, ConstMatrix memory, const NceRange& range);
/** Scores become weights exp(z - largest); largest, sum and what is pooled so far follow. */
void weighScores(CudaState& state, const NceGroup& group, const NceScores& scores);

/** What finishRows needs besides the group. */
struct NceFinish {
  ConstMatrix memory;
  const int64_t* count;  // n'
  int64_t stride;        // of pooled
  double* terms;         // [rows]
  Matrix gradient;       // of the group, or empty
};
/** Terms of the loss and rows of the gradient. */
void finishRows(CudaState& state, const NceGroup& group, const NceFinish& to);

}  // namespace cuda
}  // namespace dc4j
