// Products of a warpgroup (four warps) on Hopper's tensor cores, wgmma: 64 rows by 128 columns, 16
// deep, fp16 factors in shared memory, fp32 sums in registers (PTX ISA, "wgmma.mma_async").
//
// Factors lie as the copy engine writes a box of 64 halves with the 128-byte swizzle: rows of 128
// bytes in groups of eight. The products run beside the threads; sums are the threads' own after
// waitForProducts, and nobody touches them before.
#pragma once
#include <cstdint>

#include "cuda/hopper/pipeline.h"

namespace dc4j {
namespace cuda {
namespace hopper {

constexpr int kProductRows = 64;      // of a warpgroup
constexpr int kProductColumns = 128;  // of one instruction
constexpr int kProductDepth = 16;
constexpr int kBoxDepth = 64;  // halves of a swizzled row
static_assert(kSums == kProductRows * kProductColumns / 128, "sums of a warpgroup's threads");

/** Where a box starts, aligned to 1024, for the tensor cores. */
__device__ inline uint64_t descriptorOf(const void* box) {
  constexpr uint64_t kGroupBytes = 1024, kSwizzle128 = 1;
  return (sharedAddress(box) & 0x3ffff) >> 4 | uint64_t{1} << 16 | kGroupBytes >> 4 << 32 |
         kSwizzle128 << 62;
}

/** The product of boxes: kBoxDepth deep. */
__device__ inline void multiplyBoxes(float (&sums)[kSums], const void* a, const void* b, bool add) {
  const uint64_t first_a = descriptorOf(a), first_b = descriptorOf(b);
  DC4J_UNROLL
  for (int t = 0; t < kBoxDepth / kProductDepth; t++) {
    constexpr int kStep = kProductDepth * 2 / 16;  // bytes, in units of 16
    multiply(sums, first_a + t * kStep, first_b + t * kStep, add || t > 0);
  }
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
