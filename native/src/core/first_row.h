// Finds the lowest row for which a parallel sweep saw something wrong, whatever the order of the
// blocks.
#pragma once
#include <atomic>
#include <cstdint>

namespace dc4j {

class FirstRow {
 public:
  void report(int64_t row) {
    int64_t seen = row_.load(std::memory_order_relaxed);
    while ((seen < 0 || row < seen) &&
           !row_.compare_exchange_weak(seen, row, std::memory_order_relaxed)) {
    }
  }
  /** The lowest row reported, or -1. */
  int64_t row() const { return row_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> row_{-1};
};

}  // namespace dc4j
