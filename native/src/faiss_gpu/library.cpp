// The one symbol of libdc4j_faiss_gpu.so, and the table it hands out.
#include <faiss/Index.h>

#include "cuda/usable.h"
#include "faiss/gpu_library.h"
#include "faiss_gpu/device_rows.h"
#include "faiss_gpu/indexes.h"

#define DC4J_TEXT_OF(value) #value
#define DC4J_TEXT(value) DC4J_TEXT_OF(value)

namespace dc4j {
namespace faiss_gpu {

static std::string whyNot(int32_t device) {
  const std::string reason = cuda::whyNot(device);
  return reason.empty() ? whyNoKernels(device) : reason;
}

}  // namespace faiss_gpu
}  // namespace dc4j

extern "C" DC4J_API const dc4j::FaissGpuLibrary* dc4j_faiss_gpu_library() {
  using namespace dc4j;
  static const FaissGpuLibrary library = {
      sizeof(FaissGpuLibrary),
      DC4J_VERSION_TEXT,
      DC4J_TEXT(FAISS_VERSION_MAJOR) "." DC4J_TEXT(FAISS_VERSION_MINOR) "." DC4J_TEXT(
          FAISS_VERSION_PATCH),
      kFaissGpuBuild,
      faiss_gpu::whyNot,
      faiss_gpu::makeIndex,
      faiss_gpu::openRows,
  };
  return &library;
}
