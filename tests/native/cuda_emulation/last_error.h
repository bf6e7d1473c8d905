#pragma once
#include "cuda_runtime_api.h"

namespace dc4j_emulation {
/** What cudaGetLastError returns next on this thread. */
void setLastError(cudaError_t error);
}  // namespace dc4j_emulation
