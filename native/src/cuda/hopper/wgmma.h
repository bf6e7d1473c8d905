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
constexpr int kSums = kProductRows * kProductColumns / 128;

/** Where a box starts, aligned to 1024, for the tensor cores. */
__device__ inline uint64_t descriptorOf(const void* box) {
  constexpr uint64_t kGroupBytes = 1024, kSwizzle128 = 1;
  return (sharedAddress(box) & 0x3ffff) >> 4 | uint64_t{1} << 16 | kGroupBytes >> 4 << 32 |
         kSwizzle128 << 62;
}

__device__ inline void openProducts() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void commitProducts() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

/** sums = sums + a b, or a b alone. Sum i of a thread is of row 16 w + l / 4 + 8 (i / 2 % 2) and
 * column 8 (i / 4) + 2 (l % 4) + i % 2 for warp w and lane l. */
__device__ inline void multiply(float (&sums)[kSums], uint64_t a, uint64_t b, bool add) {
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "setp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, "
      "%8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, "
      "%24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, "
      "%40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, "
      "%56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, p, 1, 1, 0, 0;\n"
      "}\n"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3]), "+f"(sums[4]), "+f"(sums[5]),
        "+f"(sums[6]), "+f"(sums[7]), "+f"(sums[8]), "+f"(sums[9]), "+f"(sums[10]), "+f"(sums[11]),
        "+f"(sums[12]), "+f"(sums[13]), "+f"(sums[14]), "+f"(sums[15]), "+f"(sums[16]),
        "+f"(sums[17]), "+f"(sums[18]), "+f"(sums[19]), "+f"(sums[20]), "+f"(sums[21]),
        "+f"(sums[22]), "+f"(sums[23]), "+f"(sums[24]), "+f"(sums[25]), "+f"(sums[26]),
        "+f"(sums[27]), "+f"(sums[28]), "+f"(sums[29]), "+f"(sums[30]), "+f"(sums[31]),
        "+f"(sums[32]), "+f"(sums[33]), "+f"(sums[34]), "+f"(sums[35]), "+f"(sums[36]),
        "+f"(sums[37]), "+f"(sums[38]), "+f"(sums[39]), "+f"(sums[40]), "+f"(sums[41]),
        "+f"(sums[42]), "+f"(sums[43]), "+f"(sums[44]), "+f"(sums[45]), "+f"(sums[46]),
        "+f"(sums[47]), "+f"(sums[48]), "+f"(sums[49]), "+f"(sums[50]), "+f"(sums[51]),
        "+f"(sums[52]), "+f"(sums[53]), "+f"(sums[54]), "+f"(sums[55]), "+f"(sums[56]),
        "+f"(sums[57]), "+f"(sums[58]), "+f"(sums[59]), "+f"(sums[60]), "+f"(sums[61]),
        "+f"(sums[62]), "+f"(sums[63])
      : "l"(a), "l"(b), "r"(static_cast<int>(add)));
}

/** The product of boxes: kBoxDepth deep. */
__device__ inline void multiplyBoxes(float (&sums)[kSums], const void* a, const void* b, bool add) {
  const uint64_t first_a = descriptorOf(a), first_b = descriptorOf(b);
#pragma unroll
  for (int t = 0; t < kBoxDepth / kProductDepth; t++) {
    constexpr int kStep = kProductDepth * 2 / 16;  // bytes, in units of 16
    multiply(sums, first_a + t * kStep, first_b + t * kStep, add || t > 0);
  }
}

/** Until at most kPending groups are not complete. */
template <int kPending>
__device__ inline void waitForProducts() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}

/** Keeps the compiler from moving uses of sums before a wait. */
__device__ inline void own(float (&sums)[kSums]) {
#pragma unroll
  for (int i = 0; i < kSums; i++) asm volatile("" : "+f"(sums[i])::"memory");
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
