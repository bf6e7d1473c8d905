#include <dc4j/version.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>

#include "abi/guard.h"

namespace {

constexpr int kMostThreads = 1024;

int usableCores() {
  // The kernel refuses sets smaller than its own, which may be larger than cpu_set_t.
  for (int cpus = CPU_SETSIZE; cpus <= CPU_SETSIZE << 8; cpus *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<size_t>(cpus));
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(cpus));
    const int cores = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (cores > 0) return std::min(cores, kMostThreads);
  }
  return 1;
}

}  // namespace

extern "C" {

int32_t dc4j_abi_version(void) { return DC4J_ABI_VERSION; }

const char* dc4j_version(void) { return DC4J_VERSION_TEXT; }

dc4j_status dc4j_context_open(const char* device, int32_t threads, dc4j_context** out) {
  return dc4j::guard([&] {
    dc4j::requirePointer(out, "out");
    dc4j::requirePointer(device, "device");
    if (threads < 0 || threads > kMostThreads) {
      dc4j::invalid(dc4j::text("threads is ", threads, "; accepted: 1..", kMostThreads,
                               ", or 0 for all cores"));
    }
    const char* max_isa = std::getenv("DC4J_MAX_ISA");
    dc4j::Backend backend = dc4j::selectBackend(device, max_isa == nullptr ? "" : max_isa);
    *out = new dc4j_context(std::move(backend), threads == 0 ? usableCores() : threads);
  });
}

void dc4j_context_close(dc4j_context* context) { delete context; }

const char* dc4j_context_backend(const dc4j_context* context) {
  return context == nullptr ? "" : context->backend.name.c_str();
}

const char* dc4j_context_isa(const dc4j_context* context) {
  return context == nullptr ? "" : context->backend.isa.c_str();
}

const char* dc4j_context_fast_products(const dc4j_context* context) {
  return context == nullptr ? "" : context->backend.fast.c_str();
}

int32_t dc4j_context_threads(const dc4j_context* context) {
  return context == nullptr ? 0 : context->workers.threads();
}

const char* dc4j_cpu_best_isa(void) { return dc4j::bestIsa(); }

const char* dc4j_cuda_status(void) { return dc4j::cudaStatus(); }

}  // extern "C"
