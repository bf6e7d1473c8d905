// What this processor can do at most, measured: the arithmetic of one instruction without memory,
// and memory without arithmetic. Every window is short, so that the best of many is one that
// nothing disturbed; the median says how busy the machine is.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace bench {

struct Instruction {
  const char* name;
  bool (*available)();
  /** `steps` times 16 instructions, independent of each other within a step. */
  void (*run)(int64_t steps);
  /** Multiplications and additions of one instruction. */
  int64_t operations;
};

/** fp32 FMA of 256 and 512 bits, bf16, int16 and int8 dot products of 512 bits. */
const std::vector<Instruction>& instructions();

/** NULL where this processor has no such instruction. */
const Instruction* instruction(const char* name);

inline double secondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/** Rates of windows of the same work. */
struct Rates {
  std::vector<double> windows;
  double best() const {
    return windows.empty() ? 0 : *std::max_element(windows.begin(), windows.end());
  }
  double median() const {
    std::vector<double> sorted = windows;
    if (sorted.empty()) return 0;
    std::nth_element(sorted.begin(), sorted.begin() + int64_t(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

/** Operations per second of `threads` threads together, a window to a millisecond or so. */
Rates peak(const Instruction& of, int threads, int windows);

/** Bytes per second that `threads` threads read together, from memory far larger than the caches.
 */
Rates readBandwidth(int threads, int windows);

/** Bytes per second that memcpy reads (it writes as many). */
Rates copyBandwidth(int threads, int windows);

}  // namespace bench
