// What libdc4j.so and libdc4j_cuda.so have to say to each other. The core opens the library from
// its own folder when a CUDA device is asked for, so that one artefact runs with and without a GPU.
// Both come from one build: version and sizes are compared before anything else is used.
#pragma once
#include <memory>
#include <string>

#include "backend/table.h"
#include "core/backend_state.h"

namespace dc4j {

struct CudaLibrary {
  int64_t bytes;              // sizeof(CudaLibrary)
  int64_t table_bytes;        // sizeof(KernelTable)
  const char* version;        // DC4J_VERSION_TEXT
  int32_t build;              // kCudaLibraryBuild
  int32_t (*device_count)();  // 0 where CUDA is not usable
  /** Why device `ordinal` cannot be used, or "". */
  std::string (*why_not)(int32_t ordinal);
  void (*describe)(int32_t ordinal, dc4j_cuda_device* out);
  /** Fills the table and makes a context's state. `host` is what slots without a kernel of their
   *  own run, on copies in host memory. Throws Error. */
  BackendState* (*open)(int32_t ordinal, const KernelTable& host, KernelTable& kernels);
  /** Names of the slots that run the host's kernel, separated by blanks; static storage. */
  const char* (*slots_on_host)();
};

/** Raised with every change of what the two libraries share. */
constexpr int32_t kCudaLibraryBuild = 3;
constexpr const char* kCudaEntry = "dc4j_cuda_library";
using CudaEntry = const CudaLibrary* (*)();

/** The library, or NULL; `reason` then says what was looked for. Opened once per process.
 *  The environment variable DC4J_CUDA_LIBRARY names another file than the one beside libdc4j.so. */
const CudaLibrary* cudaLibrary(std::string& reason);

}  // namespace dc4j
