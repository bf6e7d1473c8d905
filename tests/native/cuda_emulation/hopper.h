// What cuda/hopper/ptx.h has, on the CPU: barriers in shared memory, the copy engine, products of a
// warpgroup. Copies and products are asynchronous to the race check: whoever uses what they write,
// or writes what they read, must have waited for them.
//
// Copies are done at once. Products are done as late as they may be, when the warp waits for them;
// until then their sums are NaN.
#pragma once
#include <cuda.h>

#include <cstdint>

#include "emulation.h"

#define __grid_constant__

struct alignas(8) float2 {
  float x, y;
};

namespace dc4j {
namespace cuda {
namespace hopper {

constexpr int kSums = 64;  // of a thread

uint32_t sharedAddress(const void* pointer);

void initBarrier(uint64_t* barrier, unsigned arrivals);
inline void fenceBarriers() {}
void arrive(uint64_t* barrier);
void arriveExpecting(uint64_t* barrier, unsigned bytes);
void waitFor(uint64_t* barrier, unsigned parity);

void copyBox(void* to, const CUtensorMap& from, int column, int row, uint64_t* barrier);
void copyBytes(void* to, const void* from, unsigned bytes, uint64_t* barrier);

template <int kCount>
void takeRegisters() {
  static_assert(kCount % 8 == 0 && kCount >= 24 && kCount <= 256, "setmaxnreg");
}
template <int kCount>
void giveRegisters() {
  takeRegisters<kCount>();
}

void openProducts();
void commitProducts();
void multiply(float (&sums)[kSums], uint64_t a, uint64_t b, bool add);
void waitForGroups(int pending);
template <int kPending>
void waitForProducts() {
  waitForGroups(kPending);
}
inline void own(float (&)[kSums]) {}
inline void pin(float&, float&) {}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
