// Products of 16 x 16 tiles on tensor cores, a warp a tile: sum += a b^T with fp32 sums of fp16
// factors, or exact int32 sums of int8 ones. Called by all lanes. Rows start at multiples of 16
// bytes in fp16 (32 for the pointers themselves).
#pragma once
#include <mma.h>

#include "cuda/platform.h"

namespace dc4j {
namespace cuda {

constexpr int kTensorTile = 16;

/** Factor: __half with Sum float, or signed char with Sum int. */
template <typename Factor, typename Sum>
class TensorTile {
 public:
  __device__ TensorTile() { nvcuda::wmma::fill_fragment(sum_, Sum(0)); }

  /** Adds the 16 products of rows of a [16 x stride_a] and rows of b [16 x stride_b]. */
  __device__ void add(const Factor* a, int64_t stride_a, const Factor* b, int64_t stride_b) {
    using namespace nvcuda::wmma;
    fragment<matrix_a, kTensorTile, kTensorTile, kTensorTile, Factor, row_major> left;
    fragment<matrix_b, kTensorTile, kTensorTile, kTensorTile, Factor, col_major> right;
    load_matrix_sync(left, a, static_cast<unsigned>(stride_a));
    load_matrix_sync(right, b, static_cast<unsigned>(stride_b));
    mma_sync(sum_, left, right, sum_);
  }

  /** Writes the sums [16 x stride]; column c of row r is a_r . b_c. */
  __device__ void store(Sum* to, int64_t stride) const {
    nvcuda::wmma::store_matrix_sync(to, sum_, static_cast<unsigned>(stride),
                                    nvcuda::wmma::mem_row_major);
  }

 private:
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, kTensorTile, kTensorTile, kTensorTile, Sum>
      sum_;
};

}  // namespace cuda
}  // namespace dc4j
