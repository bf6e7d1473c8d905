#include "peaks.h"

#include <immintrin.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

namespace bench {
namespace {

// Sixteen accumulators: enough for two instructions a cycle of up to eight cycles' latency.
#define BENCH_SIXTEEN(op, reg)                                                                   \
  op " %%" reg "16, %%" reg "17, %%" reg "0\n" op " %%" reg "16, %%" reg "17, %%" reg "1\n" op   \
     " %%" reg "16, %%" reg "17, %%" reg "2\n" op " %%" reg "16, %%" reg "17, %%" reg "3\n" op   \
     " %%" reg "16, %%" reg "17, %%" reg "4\n" op " %%" reg "16, %%" reg "17, %%" reg "5\n" op   \
     " %%" reg "16, %%" reg "17, %%" reg "6\n" op " %%" reg "16, %%" reg "17, %%" reg "7\n" op   \
     " %%" reg "16, %%" reg "17, %%" reg "8\n" op " %%" reg "16, %%" reg "17, %%" reg "9\n" op   \
     " %%" reg "16, %%" reg "17, %%" reg "10\n" op " %%" reg "16, %%" reg "17, %%" reg "11\n" op \
     " %%" reg "16, %%" reg "17, %%" reg "12\n" op " %%" reg "16, %%" reg "17, %%" reg "13\n" op \
     " %%" reg "16, %%" reg "17, %%" reg "14\n" op " %%" reg "16, %%" reg "17, %%" reg "15\n"
#define BENCH_LOOP(op) \
  asm volatile("vpxorq %%zmm16, %%zmm16, %%zmm16\n"                                              \
               "vpxorq %%zmm17, %%zmm17, %%zmm17\n"                                              \
               ".p2align 5\n"                                                                   \
               "1:\n" BENCH_SIXTEEN(op, "zmm") "dec %[steps]\n"                                  \
               "jnz 1b\n"                                                                       \
               : [steps] "+r"(steps)                                                            \
               :                                                                                \
               : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",  \
                 "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17")
#define BENCH_TARGET __attribute__((target("avx512f,avx512vl,avx512bw"), noinline))

BENCH_TARGET void fp32Wide(int64_t steps) { BENCH_LOOP("vfmadd231ps"); }
BENCH_TARGET void bf16(int64_t steps) { BENCH_LOOP("vdpbf16ps"); }
BENCH_TARGET void int16(int64_t steps) { BENCH_LOOP("vpdpwssd"); }
BENCH_TARGET void int8(int64_t steps) { BENCH_LOOP("vpdpbusd"); }

// Only sixteen registers without AVX-512: twelve accumulators, four of them twice.
__attribute__((target("avx2,fma"), noinline)) void fp32Narrow(int64_t steps) {
#define BENCH_FMA(sum) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #sum "\n"
  asm volatile(
      "vpxor %%ymm14, %%ymm14, %%ymm14\n"
      "vpxor %%ymm15, %%ymm15, %%ymm15\n"
      ".p2align 5\n"
      "1:\n" BENCH_FMA(0) BENCH_FMA(1) BENCH_FMA(2) BENCH_FMA(3) BENCH_FMA(4) BENCH_FMA(5)
          BENCH_FMA(6) BENCH_FMA(7) BENCH_FMA(8) BENCH_FMA(9) BENCH_FMA(10) BENCH_FMA(11)
              BENCH_FMA(0) BENCH_FMA(1) BENCH_FMA(2) BENCH_FMA(3) "dec %[steps]\n"
      "jnz 1b\n"
      : [steps] "+r"(steps)
      :
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
        "xmm10", "xmm11", "xmm14", "xmm15");
#undef BENCH_FMA
}

bool hasFma() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool hasWide() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"); }
bool hasVnni() { return hasWide() && __builtin_cpu_supports("avx512vnni"); }
bool hasBf16() { return hasWide() && __builtin_cpu_supports("avx512bf16"); }

/** One window's work, on all threads at once: body(thread), the time of the slowest. */
double together(int threads, const std::function<void(int)>& body) {
  std::atomic<int> ready{0};
  std::vector<double> seconds(static_cast<size_t>(threads));
  const auto one = [&](int thread) {
    ready++;
    while (ready < threads) _mm_pause();
    seconds[size_t(thread)] = secondsOf([&] { body(thread); });
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; thread++) others.emplace_back(one, thread);
  one(0);
  for (std::thread& other : others) other.join();
  return *std::max_element(seconds.begin(), seconds.end());
}

constexpr size_t kBytes = size_t{256} << 20;  // per thread

__attribute__((target("avx2"), noinline)) int64_t readAll(const char* from, size_t bytes) {
  __m256i sum[4] = {};
  for (size_t at = 0; at < bytes; at += 128) {
    for (int i = 0; i < 4; i++) {
      const auto* line = reinterpret_cast<const __m256i*>(from + at + 32 * size_t(i));
      sum[i] = _mm256_or_si256(sum[i], _mm256_load_si256(line));
    }
  }
  const __m256i all =
      _mm256_or_si256(_mm256_or_si256(sum[0], sum[1]), _mm256_or_si256(sum[2], sum[3]));
  return _mm256_extract_epi64(all, 0);
}

struct Block {
  Block() : data(static_cast<char*>(std::aligned_alloc(64, kBytes))) {
    if (data == nullptr) throw std::bad_alloc();
    std::memset(data, 1, kBytes);
  }
  ~Block() { std::free(data); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  char* data;
};

using Blocks = std::vector<std::unique_ptr<Block>>;

Blocks blocks(int count) {
  Blocks made;
  for (int b = 0; b < count; b++) made.emplace_back(new Block);
  return made;
}

}  // namespace

const std::vector<Instruction>& instructions() {
  static const std::vector<Instruction> all = {{"fp32_256", hasFma, fp32Narrow, 16},
                                               {"fp32", hasWide, fp32Wide, 32},
                                               {"bf16", hasBf16, bf16, 64},
                                               {"int16", hasVnni, int16, 64},
                                               {"int8", hasVnni, int8, 128}};
  return all;
}

const Instruction* instruction(const char* name) {
  for (const Instruction& one : instructions()) {
    if (std::strcmp(one.name, name) == 0) return one.available() ? &one : nullptr;
  }
  return nullptr;
}

Rates peak(const Instruction& of, int threads, int windows) {
  constexpr int64_t kSteps = 96000;  // 0.2 to 0.4 ms at two instructions a cycle
  Rates rates;
  for (int w = 0; w < windows; w++) {
    const double seconds = together(threads, [&](int) { of.run(kSteps); });
    rates.windows.push_back(double(kSteps * 16 * of.operations * threads) / seconds);
  }
  return rates;
}

Rates readBandwidth(int threads, int windows) {
  const Blocks from = blocks(threads);
  std::atomic<int64_t> used{0};
  Rates rates;
  for (int w = 0; w < windows; w++) {
    const double seconds =
        together(threads, [&](int t) { used += readAll(from[size_t(t)]->data, kBytes); });
    rates.windows.push_back(double(kBytes) * threads / seconds);
  }
  return rates;
}

Rates copyBandwidth(int threads, int windows) {
  const Blocks from = blocks(threads), to = blocks(threads);
  Rates rates;
  for (int w = 0; w < windows; w++) {
    const double seconds = together(
        threads, [&](int t) { std::memcpy(to[size_t(t)]->data, from[size_t(t)]->data, kBytes); });
    rates.windows.push_back(double(kBytes) * threads / seconds);
  }
  return rates;
}

}  // namespace bench
