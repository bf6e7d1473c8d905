#include "backend/select.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "backend/cuda_library.h"
#include "core/error.h"

namespace dc4j {
namespace {

constexpr const char* kTiers[] = {"generic", "avx2", "avx512", "vnni", "amx"};
constexpr int kTierCount = sizeof kTiers / sizeof *kTiers;

int tierIndex(const std::string& name) {
  for (int i = 0; i < kTierCount; i++) {
    if (name == kTiers[i]) return i;
  }
  invalid(text("DC4J_MAX_ISA is '", name, "'; accepted: generic, avx2, avx512, vnni, amx"));
}

/** Whether the processor has AMX int8 tiles and the kernel lets this process use them. */
bool hasAmx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;
  if ((d & kTile) == 0 || (d & kInt8) == 0) return false;
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // arch_prctl(2), Intel SDM XCR0
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

int bestTier() {
  // libgcc checks XGETBV too, so a tier the operating system does not save is not reported.
  __builtin_cpu_init();
  for (const bool has : {__builtin_cpu_supports("avx2") != 0, __builtin_cpu_supports("fma") != 0,
                         __builtin_cpu_supports("f16c") != 0, __builtin_cpu_supports("bmi") != 0,
                         __builtin_cpu_supports("bmi2") != 0}) {
    if (!has) return 0;  // virtual machines may hide any of them
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) {
    return 1;
  }
  if (!__builtin_cpu_supports("avx512vnni")) return 2;
  static const bool amx = hasAmx();
  return amx ? 4 : 3;
}

/** Whether the products of 16-bit factors run at this tier. */
bool hasFastProducts(int tier) { return tier >= 3 && __builtin_cpu_supports("avx512bf16"); }

KernelTable cpuTable(int tier) {
  KernelTable table = reference::table();
  if (tier == 0) cpu::generic::install(table);
  if (tier == 1) cpu::avx2::install(table);
  if (tier >= 2) cpu::avx512::install(table);
  if (tier == 3) cpu::vnni::installSearch(table);
  if (tier == 4) cpu::amx::installSearch(table);
  if (hasFastProducts(tier)) cpu::bf16::installProducts(table);
  return table;
}

/** i of "cuda:i", 0 for "cuda". */
int32_t ordinalOf(const std::string& device) {
  if (device == "cuda") return 0;
  const std::string digits = device.substr(5);
  const bool number = device[4] == ':' && !digits.empty() && digits.size() <= 4 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  if (!number) {
    invalid(text("device is '", device, "'; accepted: auto, cpu, reference, cuda[:i]"));
  }
  return std::atoi(digits.c_str());
}

/** Why `ordinal` cannot be used, or "". */
std::string whyNotCuda(int32_t ordinal) {
  std::string reason;
  const CudaLibrary* library = cudaLibrary(reason);
  return library == nullptr ? reason : library->why_not(ordinal);
}

Backend cudaBackend(const std::string& device, int32_t ordinal) {
  const std::string reason = whyNotCuda(ordinal);
  if (!reason.empty()) throw Error(DC4J_UNSUPPORTED, text("device '", device, "': ", reason));
  std::string unused;
  const CudaLibrary* library = cudaLibrary(unused);
  try {
    dc4j_cuda_device found = {};
    library->describe(ordinal, &found);
    Backend backend{"cuda", text("sm_", found.major, found.minor), "bf16", {}};
    backend.state.reset(library->open(ordinal, cpuTable(bestTier()), backend.kernels));
    return backend;
  } catch (const Error& error) {
    // It is there, but taken by another process, or full.
    if (error.status() == DC4J_INVALID_ARGUMENT) throw;
    throw Error(DC4J_UNSUPPORTED, text("device '", device, "' cannot be used now: ", error.what()));
  }
}

}  // namespace

const char* bestIsa() { return kTiers[bestTier()]; }

const char* cudaStatus() noexcept {
  static const std::string status = [] {
    try {
      return whyNotCuda(0);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  }();
  return status.c_str();
}

int32_t cudaDeviceCount() noexcept {
  try {
    std::string reason;
    const CudaLibrary* library = cudaLibrary(reason);
    return library == nullptr ? 0 : library->device_count();
  } catch (const std::exception&) {
    return 0;  // cudaStatus() says why
  }
}

void describeCuda(int32_t ordinal, dc4j_cuda_device* out) {
  std::string reason = whyNotCuda(ordinal);
  if (!reason.empty()) throw Error(DC4J_UNSUPPORTED, reason);
  cudaLibrary(reason)->describe(ordinal, out);
}

Backend selectBackend(const std::string& device, const std::string& max_isa) {
  if (device == "reference") return {"reference", "none", "fp64", reference::table()};
  if (device.rfind("cuda", 0) == 0) return cudaBackend(device, ordinalOf(device));
  if (device != "auto" && device != "cpu") {
    invalid(text("device is '", device, "'; accepted: auto, cpu, reference, cuda[:i]"));
  }
  if (device == "auto" && *cudaStatus() == 0) {
    try {
      return cudaBackend(device, 0);
    } catch (const Error& error) {
      if (error.status() != DC4J_UNSUPPORTED) throw;
    }
  }
  int tier = bestTier();
  if (!max_isa.empty()) {
    const int cap = tierIndex(max_isa);
    tier = cap < tier ? cap : tier;
  }
  return {"cpu", kTiers[tier], hasFastProducts(tier) ? "bf16" : "fp32", cpuTable(tier)};
}

}  // namespace dc4j
