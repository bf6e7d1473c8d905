// CUDA's error codes as exceptions of the core.
#pragma once
#include <cuda_runtime_api.h>

#include "core/error.h"

namespace dc4j {
namespace cuda {

/** Throws unless status is success: DC4J_OUT_OF_MEMORY or DC4J_INTERNAL, `what` says doing what. */
void check(cudaError_t status, const char* what);

/** DC4J_OUT_OF_MEMORY with the bytes asked for, the free ones and what to do. */
[[noreturn]] void outOfMemory(int64_t bytes);

}  // namespace cuda
}  // namespace dc4j
