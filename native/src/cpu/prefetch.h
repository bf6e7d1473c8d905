// Loads started before their values are needed.
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Starts the loads of a row that is read soon: a row is short for the hardware's own prefetcher.
 */
static inline void prefetchRow(const float* x, int64_t d) {
  for (int64_t t = 0; t < d && t < 1024; t += 16) __builtin_prefetch(x + t);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
