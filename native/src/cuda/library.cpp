// The one symbol of libdc4j_cuda.so, and the table it hands out.
#include "backend/cuda_library.h"
#include "cuda/cuda_state.h"
#include "cuda/on_host.h"
#include "cuda/slots.h"
#include "cuda/usable.h"

namespace dc4j {
namespace cuda {

KernelTable table() {
  KernelTable table;
#define DC4J_KERNEL(name, parameters) table.name = name;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL
  return table;
}

static BackendState* openState(int32_t ordinal, const KernelTable& host, KernelTable& kernels) {
  kernels = table();
  return new CudaState(ordinal, host);
}

}  // namespace cuda
}  // namespace dc4j

extern "C" DC4J_API const dc4j::CudaLibrary* dc4j_cuda_library() {
  using namespace dc4j;
  static const CudaLibrary library = {
      sizeof(CudaLibrary), sizeof(KernelTable), DC4J_VERSION_TEXT,
      kCudaLibraryBuild,   cuda::deviceCount,   cuda::whyNot,
      cuda::describe,      cuda::openState,     cuda::slotsOnHost,
  };
  return &library;
}
