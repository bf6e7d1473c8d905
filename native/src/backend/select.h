// The only place that chooses a backend and an ISA tier.
#pragma once
#include <memory>
#include <string>

#include "backend/table.h"
#include "core/backend_state.h"

namespace dc4j {

struct Backend {
  std::string name;  // "cpu", "cuda", "reference"
  std::string isa;   // "generic", "avx2", "avx512", "vnni", "amx"; "none" for reference; "sm_90"
  std::string fast;  // what Precision::fast computes in: "bf16" or "fp32"; "fp64" for reference
  KernelTable kernels;
  std::unique_ptr<BackendState> state{};  // NULL on the CPU
};

/** Best tier of this processor and operating system. */
const char* bestIsa();

/** Why CUDA is not usable here (the first device, as "cuda" means); "" where it is. Found out once
 * per process. */
const char* cudaStatus() noexcept;
int32_t cudaDeviceCount() noexcept;
/** Throws Error where CUDA is not usable. */
void describeCuda(int32_t ordinal, dc4j_cuda_device* out);

/** device: "auto" (a CUDA device if one is usable, else the CPU), "cpu", "reference", "cuda",
 * "cuda:i"; max_isa: "" or a tier name. Throws Error. */
Backend selectBackend(const std::string& device, const std::string& max_isa);

}  // namespace dc4j
