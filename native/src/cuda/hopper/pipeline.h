// What a Hopper kernel that streams tiles through shared memory is made of: barriers in shared
// memory, the bulk copy engine, and the split of a multiprocessor's registers. Thin names for PTX
// (PTX ISA, "mbarrier", "cp.async.bulk", "setmaxnreg"); sm_90a alone.
#pragma once
#include <cuda.h>

#include <cstdint>

namespace dc4j {
namespace cuda {
namespace hopper {

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

/** A place in a ring of stages and the parity of its phase. */
struct Stage {
  int index = 0;
  unsigned parity = 0;
  __device__ void next(int count) {
    if (++index == count) {
      index = 0;
      parity ^= 1;
    }
  }
};

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
