// The driver's own functions. Nothing is linked with libcuda, which machines without a GPU lack.
#pragma once
#include <cuda.h>
#include <cuda_runtime_api.h>

#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {

/** The function of this name as CUDA 12.0 had it; throws DC4J_INTERNAL where there is none. */
template <typename Function>
Function driverFunction(const char* name) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found;
  check(cudaGetDriverEntryPointByVersion(name, &function, 12000, cudaEnableDefault, &found), name);
  if (found != cudaDriverEntryPointSuccess || function == nullptr) {
    throw Error(DC4J_INTERNAL, text("CUDA: the driver has no ", name));
  }
  return reinterpret_cast<Function>(function);
}

}  // namespace cuda
}  // namespace dc4j
