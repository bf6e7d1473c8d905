#include <dc4j/device.h>
#include <dc4j/matrix.h>

#include <cstring>

#include "abi/guard.h"

using namespace dc4j;

static BackendState& stateOf(dc4j_context* context) {
  if (context->backend.state == nullptr) {
    throw Error(DC4J_UNSUPPORTED, text("the context is on '", context->backend.name,
                                       "', which has no device memory or streams; accepted: cuda"));
  }
  return *context->backend.state;
}

static void requireBytes(int64_t bytes) {
  if (bytes < 0) invalid(text("bytes is ", bytes, "; accepted: >= 0"));
}

extern "C" {

dc4j_status dc4j_cuda_describe(int32_t ordinal, dc4j_cuda_device* out) {
  return guard([&] {
    requirePointer(out, "out");
    if (ordinal < 0) invalid(text("ordinal is ", ordinal, "; accepted: >= 0"));
    describeCuda(ordinal, out);
  });
}

int32_t dc4j_cuda_device_count(void) { return cudaDeviceCount(); }

dc4j_status dc4j_context_chunk_rows(dc4j_context* context, int64_t rows, int64_t bytes_per_row,
                                    int64_t* out) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requirePointer(out, "out");
    if (rows < 0) invalid(text("rows is ", rows, "; accepted: >= 0"));
    if (bytes_per_row < 0) invalid(text("bytes_per_row is ", bytes_per_row, "; accepted: >= 0"));
    BackendState* state = workers.backend();
    *out = state == nullptr ? rows : state->chunkRows(rows, bytes_per_row);
  });
}

dc4j_status dc4j_context_resident_bytes(dc4j_context* context, int64_t* out) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requirePointer(out, "out");
    BackendState* state = workers.backend();
    *out = state == nullptr ? 0 : state->residentBytes();
  });
}

/** What allocate() gives is its stream's alone until the queue has come to it. */
static void* allocateForAnyStream(BackendState& state, int64_t bytes) {
  void* memory = state.allocate(bytes);
  try {
    state.synchronize();
  } catch (...) {
    state.release(memory, bytes);
    throw;
  }
  return memory;
}

dc4j_status dc4j_context_alloc(dc4j_context* context, int64_t bytes, void** out) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requirePointer(out, "out");
    requireBytes(bytes);
    BackendState* state = workers.backend();
    if (state != nullptr) {
      *out = allocateForAnyStream(*state, bytes);
    } else if (const dc4j_status status = dc4j_alloc(bytes, out)) {
      throw Error(status, dc4j_last_error());
    }
  });
}

dc4j_status dc4j_context_free(dc4j_context* context, void* memory, int64_t bytes) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requireBytes(bytes);
    if (memory == nullptr) return;
    if (workers.backend() == nullptr) {
      dc4j_free(memory);
    } else {
      workers.backend()->release(memory, bytes);
    }
  });
}

dc4j_status dc4j_context_copy(dc4j_context* context, void* to, const void* from, int64_t bytes) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requireBytes(bytes);
    if (bytes == 0) return;
    requirePointer(to, "to");
    requirePointer(from, "from");
    if (workers.backend() == nullptr) {
      std::memmove(to, from, static_cast<size_t>(bytes));
    } else {
      workers.backend()->copy(to, from, bytes);
    }
  });
}

dc4j_status dc4j_context_use_stream(dc4j_context* context, void* stream) {
  return guardOn(context,
                 [&](const KernelTable&, Workers&) { stateOf(context).useStream(stream); });
}

dc4j_status dc4j_context_use_allocator(dc4j_context* context, dc4j_device_allocate allocate,
                                       dc4j_device_release release, void* owner) {
  return guardOn(context, [&](const KernelTable&, Workers&) {
    if ((allocate == nullptr) != (release == nullptr)) {
      invalid("one of allocate and release is NULL; accepted: both or none");
    }
    stateOf(context).useAllocator(allocate, release, owner);
  });
}

}  // extern "C"
