#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // else the next call would report it again
  if (status == cudaErrorMemoryAllocation) {
    throw Error(DC4J_OUT_OF_MEMORY, text("CUDA: out of memory in ", what));
  }
  throw Error(DC4J_INTERNAL, text("CUDA: ", what, ": ", cudaGetErrorString(status), " (",
                                  cudaGetErrorName(status), ")"));
}

void outOfMemory(int64_t bytes) {
  size_t free_bytes = 0, total = 0;
  cudaGetLastError();
  if (cudaMemGetInfo(&free_bytes, &total) != cudaSuccess) cudaGetLastError();
  throw Error(DC4J_OUT_OF_MEMORY,
              text("no ", bytes, " bytes of CUDA memory: ", free_bytes, " of ", total,
                   " are free; end other programs on this GPU, or give matrices in host memory, "
                   "which are taken in chunks"));
}

}  // namespace cuda
}  // namespace dc4j
