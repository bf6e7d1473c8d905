// FAISS's indexes on CUDA devices.
#pragma once
#include "faiss/gpu_library.h"

namespace dc4j {
namespace faiss_gpu {

/** As FaissGpuLibrary::make_index. */
std::unique_ptr<GpuIndex> makeIndex(int32_t device, int32_t d, int32_t lists, int32_t metric);

}  // namespace faiss_gpu
}  // namespace dc4j
