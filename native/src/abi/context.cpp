#include <dc4j/version.h>
#include <sched.h>

#include <cstdlib>

#include "abi/guard.h"

namespace {

int usableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
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
    if (threads < 0 || threads > 1024) {
      dc4j::invalid(dc4j::text("threads is ", threads, "; accepted: 1..1024, or 0 for all cores"));
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
