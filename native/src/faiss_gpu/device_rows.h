// Rows on a CUDA device: what clustering does to them besides FAISS's searches.
#pragma once
#include "faiss/gpu_library.h"

namespace dc4j {
namespace faiss_gpu {

/** As FaissGpuLibrary::open_rows. */
std::unique_ptr<GpuRows> openRows(int32_t device, const float* x, int64_t n, int64_t d);

/** Why this build's kernels do not run on `device`, which CUDA itself can use; or "". */
std::string whyNoKernels(int32_t device);

}  // namespace faiss_gpu
}  // namespace dc4j
