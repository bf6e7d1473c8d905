// Uninitialised memory for arrays; from 2 MiB in huge pages, where the system gives them: an array
// of gigabytes is touched in thousands of page faults instead of millions, which cost more than
// the work on it under some hypervisors, and its rows are found in the TLB.
#pragma once
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace dc4j {

constexpr size_t kHugePage = size_t{2} << 20;

/** At least `bytes` bytes at an address that is a multiple of 64; NULL where there are none left.
 * Free with std::free. */
static inline void* allocateAligned(size_t bytes) {
  const bool large = bytes >= kHugePage;
  const size_t alignment = large ? kHugePage : 64;
  if (bytes > SIZE_MAX - alignment) return nullptr;
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (large && memory != nullptr) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return memory;
}

/** Huge pages, where the system gives them, for what of allocated memory was not touched yet. */
static inline void preferHugePages(void* memory, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const uintptr_t end = (begin + bytes) / kHugePage * kHugePage;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace dc4j
