// PTX of Hopper under thin names: barriers in shared memory, the bulk copy engine, products of a
// warpgroup, and the split of a multiprocessor's registers (PTX ISA, "mbarrier", "cp.async.bulk",
// "wgmma.mma_async", "setmaxnreg"); sm_90a alone. tests/native/cuda_emulation/hopper.h has the same
// names for the CPU.
#pragma once
#include <cuda.h>

#include <cstdint>

namespace dc4j {
namespace cuda {
namespace hopper {

constexpr int kSums = 64;  // of a thread

__device__ inline uint32_t sharedAddress(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

/** A barrier whose phases are complete after `arrivals` arrivals and all bytes that were announced.
 * One thread initialises it; all may use it after fenceBarriers and a barrier of the block. */
__device__ inline void initBarrier(uint64_t* barrier, unsigned arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(sharedAddress(barrier)),
               "r"(arrivals));
}

__device__ inline void fenceBarriers() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ inline void arrive(uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(sharedAddress(barrier)) : "memory");
}

/** Arrives, and announces bytes of copies that the phase waits for too. */
__device__ inline void arriveExpecting(uint64_t* barrier, unsigned bytes) {
  asm volatile(
      "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(sharedAddress(barrier)),
      "r"(bytes)
      : "memory");
}

/** Until the phase with this parity is complete: 0 for the first, then 1, 0, ... */
__device__ inline void waitFor(uint64_t* barrier, unsigned parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@done bra over;\n"
      "bra again;\n"
      "over:\n"
      "}\n" ::"r"(sharedAddress(barrier)),
      "r"(parity)
      : "memory");
}

/** Copies the box of a tensor map at (column, row); the barrier counts its bytes. */
__device__ inline void copyBox(void* to, const CUtensorMap& from, int column, int row,
                               uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%3, %4}], [%2];" ::"r"(sharedAddress(to)),
      "l"(&from), "r"(sharedAddress(barrier)), "r"(column), "r"(row)
      : "memory");
}

/** Copies bytes that lie in a row; addresses and count are multiples of 16. */
__device__ inline void copyBytes(void* to, const void* from, unsigned bytes, uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(sharedAddress(to)),
      "l"(from), "r"(bytes), "r"(sharedAddress(barrier))
      : "memory");
}

/** Registers a thread of the calling warpgroup has from here on; the others' are given or taken. */
template <int kCount>
__device__ inline void takeRegisters() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kCount));
}
template <int kCount>
__device__ inline void giveRegisters() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kCount));
}

__device__ inline void openProducts() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void commitProducts() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

/** sums = sums + a b, or a b alone, for 64 rows and 128 columns, 16 deep: fp16 factors whose
 * descriptors say where in shared memory they are, fp32 sums. Sum i of a thread is of row 16 w + l
 * / 4 + 8 (i / 2 % 2) and column 8 (i / 4) + 2 (l % 4) + i % 2 for warp w and lane l. */
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

/** As if the values changed here: what computes them stays before. */
__device__ inline void pin(float& one, float& other) { asm volatile("" : "+f"(one), "+f"(other)); }

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
