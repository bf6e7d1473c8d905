#include "backend/select.h"

#include <cstring>

#include "core/error.h"

namespace dc4j {
namespace {

constexpr const char* kTiers[] = {"generic", "avx2", "avx512"};

int tierIndex(const std::string& name) {
  for (int i = 0; i < 3; i++) {
    if (name == kTiers[i]) return i;
  }
  invalid(text("DC4J_MAX_ISA is '", name, "'; accepted: generic, avx2, avx512"));
}

int bestTier() {
  // libgcc checks XGETBV too, so a tier the operating system does not save is not reported.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl");
  return avx512 ? 2 : avx2 ? 1 : 0;
}

KernelTable cpuTable(int tier) {
  KernelTable table = reference::table();
  if (tier == 0) cpu::generic::install(table);
  if (tier == 1) cpu::avx2::install(table);
  if (tier == 2) cpu::avx512::install(table);
  return table;
}

}  // namespace

const char* bestIsa() { return kTiers[bestTier()]; }

const char* cudaStatus() { return "this build has no CUDA backend"; }

Backend selectBackend(const std::string& device, const std::string& max_isa) {
  if (device == "reference") return {"reference", "none", reference::table()};
  if (device.rfind("cuda", 0) == 0) {
    throw Error(DC4J_UNSUPPORTED, text("device '", device, "': ", cudaStatus()));
  }
  if (device != "auto" && device != "cpu") {
    invalid(text("device is '", device, "'; accepted: auto, cpu, reference, cuda[:i]"));
  }
  int tier = bestTier();
  if (!max_isa.empty()) {
    const int cap = tierIndex(max_isa);
    tier = cap < tier ? cap : tier;
  }
  return {"cpu", kTiers[tier], cpuTable(tier)};
}

}  // namespace dc4j
