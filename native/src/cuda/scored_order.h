// Which of two scored rows is nearer.
#pragma once
#include <cuda_runtime_api.h>

#include "cuda/search.h"

namespace dc4j {
namespace cuda {

/** Ties: the lower row. */
__device__ inline bool isNearer(const Scored& a, const Scored& b) {
  return a.score < b.score || (a.score == b.score && a.id < b.id);
}

}  // namespace cuda
}  // namespace dc4j
