#include <atomic>
#include <cstdlib>

#include "abi/guard.h"
#include "core/aligned_memory.h"

namespace {

constexpr int64_t kAlignment = 64;
// The size of a block is kept in front of it, in a whole cache line so that the block stays
// aligned.
struct Header {
  int64_t bytes;
};
std::atomic<int64_t> allocated{0};

}  // namespace

extern "C" {

dc4j_status dc4j_alloc(int64_t bytes, void** out) {
  return dc4j::guard([&] {
    dc4j::requirePointer(out, "out");
    if (bytes < 0) dc4j::invalid(dc4j::text("bytes is ", bytes, "; accepted: >= 0"));
    const int64_t limit = INT64_MAX - 2 * kAlignment;
    const int64_t rounded = bytes > limit ? -1 : (bytes + kAlignment - 1) / kAlignment * kAlignment;
    void* block =
        rounded < 0 ? nullptr : dc4j::allocateAligned(static_cast<size_t>(rounded + kAlignment));
    if (block == nullptr) {
      throw dc4j::Error(DC4J_OUT_OF_MEMORY, dc4j::text("cannot allocate ", bytes, " bytes"));
    }
    static_cast<Header*>(block)->bytes = bytes;
    allocated.fetch_add(bytes, std::memory_order_relaxed);
    *out = static_cast<char*>(block) + kAlignment;
  });
}

void dc4j_free(void* memory) {
  if (memory == nullptr) return;
  void* block = static_cast<char*>(memory) - kAlignment;
  allocated.fetch_sub(static_cast<Header*>(block)->bytes, std::memory_order_relaxed);
  std::free(block);
}

int64_t dc4j_allocated_bytes(void) { return allocated.load(std::memory_order_relaxed); }

}  // extern "C"
