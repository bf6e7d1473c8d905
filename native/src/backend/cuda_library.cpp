#include "backend/cuda_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"

namespace dc4j {
namespace {

struct Opened {
  const CudaLibrary* library = nullptr;
  std::string reason;
};

/** The file beside the library this function is in. */
std::string besideCore() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&cudaLibrary), &info) == 0) return "libdc4j_cuda.so";
  const std::string core = info.dli_fname;
  const size_t slash = core.rfind('/');
  return (slash == std::string::npos ? "" : core.substr(0, slash + 1)) + "libdc4j_cuda.so";
}

Opened openLibrary() {
  const char* named = std::getenv("DC4J_CUDA_LIBRARY");
  const bool is_named = named != nullptr && *named != 0;
  const std::string path = is_named ? named : besideCore();
  if (access(path.c_str(), R_OK) != 0) {
    return {nullptr, is_named ? text("DC4J_CUDA_LIBRARY names ", path, ", which cannot be read")
                              : text("this build has no CUDA backend: there is no ", path)};
  }
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {nullptr, text("the CUDA backend cannot be loaded: ", dlerror())};
  const auto entry = reinterpret_cast<CudaEntry>(dlsym(handle, kCudaEntry));
  if (entry == nullptr) return {nullptr, text(path, " is not a CUDA backend of dc4j")};
  const CudaLibrary* library = entry();
  const bool same = library->bytes == static_cast<int64_t>(sizeof(CudaLibrary)) &&
                    library->table_bytes == static_cast<int64_t>(sizeof(KernelTable)) &&
                    library->build == kCudaLibraryBuild &&
                    std::string(library->version) == DC4J_VERSION_TEXT;
  if (!same) return {nullptr, text(path, " is of another build than libdc4j.so")};
  return {library, ""};
}

}  // namespace

const CudaLibrary* cudaLibrary(std::string& reason) {
  static const Opened opened = openLibrary();
  reason = opened.reason;
  return opened.library;
}

}  // namespace dc4j
