// What a Hopper kernel that streams tiles through shared memory is made of.
#pragma once
#ifdef __CUDACC__
#include "cuda/hopper/ptx.h"
#else
#include "hopper.h"  // the emulation's
#endif
#include "cuda/platform.h"

namespace dc4j {
namespace cuda {
namespace hopper {

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
