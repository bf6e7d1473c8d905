// bf16 as its bits, for products that cuBLAS makes.
#pragma once
#include "cuda/platform.h"

namespace dc4j {
namespace cuda {

/** To the nearest, ties to even; of finite values. */
__device__ inline uint16_t toBf16(float value) {
  const unsigned bits = __float_as_uint(value);
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

}  // namespace cuda
}  // namespace dc4j
