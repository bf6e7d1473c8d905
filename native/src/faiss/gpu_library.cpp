#include "faiss/gpu_library.h"

#include <dc4j/faiss.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"
#include "faiss/guard.h"

namespace dc4j {
namespace {

constexpr const char* kName = "libdc4j_faiss_gpu.so";

struct Opened {
  const FaissGpuLibrary* library = nullptr;
  std::string reason;
};

/** The file beside the library this function is in. */
std::string besideFaiss() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&faissGpuStatus), &info) == 0) return kName;
  const std::string own = info.dli_fname;
  const size_t slash = own.rfind('/');
  return (slash == std::string::npos ? "" : own.substr(0, slash + 1)) + kName;
}

Opened openLibrary() {
  const char* named = std::getenv("DC4J_FAISS_GPU_LIBRARY");
  const bool is_named = named != nullptr && *named != 0;
  const std::string path = is_named ? named : besideFaiss();
  if (access(path.c_str(), R_OK) != 0) {
    return {nullptr, is_named
                         ? text("DC4J_FAISS_GPU_LIBRARY names ", path, ", which cannot be read")
                         : "FAISS-GPU is absent: built without; configure with"
                           " -DDC4J_FAISS_GPU_SOURCE=<FAISS's source tree>, Maven with"
                           " -Dfaiss.gpu.source=... (native/faiss-debian.sh --source fetches one)"};
  }
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {nullptr, text("FAISS-GPU cannot be loaded: ", dlerror())};
  const auto entry = reinterpret_cast<FaissGpuEntry>(dlsym(handle, kFaissGpuEntry));
  if (entry == nullptr) return {nullptr, text(path, " is not FAISS-GPU of dc4j")};
  const FaissGpuLibrary* library = entry();
  const bool same = library->bytes == static_cast<int64_t>(sizeof(FaissGpuLibrary)) &&
                    library->build == kFaissGpuBuild &&
                    std::string(library->version) == DC4J_VERSION_TEXT &&
                    std::string(library->faiss_version) == dc4j_faiss_version();
  if (!same) return {nullptr, text(path, " is of another build than libdc4j_faiss.so")};
  return {library, ""};
}

const Opened& opened() {
  static const Opened once = openLibrary();
  return once;
}

}  // namespace

std::string faissGpuStatus(int32_t device) {
  const Opened& found = opened();
  return found.library == nullptr ? found.reason : found.library->why_not(device);
}

const FaissGpuLibrary& faissGpu(int32_t device) {
  const std::string reason = faissGpuStatus(device);
  if (!reason.empty()) {
    throw Error(DC4J_UNSUPPORTED, text("FAISS on CUDA device ", device, ": ", reason));
  }
  return *opened().library;
}

}  // namespace dc4j

extern "C" const char* dc4j_faiss_gpu_status(int32_t device) {
  static thread_local std::string reason;
  if (dc4j::faissGuard([&] {
        if (device < 0) dc4j::invalid(dc4j::text("device is ", device, "; accepted: >= 0"));
        reason = dc4j::faissGpuStatus(device);
      }) != DC4J_OK) {
    reason = dc4j_faiss_last_error();
  }
  return reason.c_str();
}
