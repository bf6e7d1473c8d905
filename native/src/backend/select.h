// The only place that chooses a backend and an ISA tier.
#pragma once
#include <string>

#include "backend/table.h"

namespace dc4j {

struct Backend {
  std::string name;  // "cpu", "reference"
  std::string isa;   // "generic", "avx2", "avx512", "vnni", "amx"; "none" for reference
  std::string fast;  // what Precision::fast computes in: "bf16" or "fp32"; "fp64" for reference
  KernelTable kernels;
};

/** Best tier of this processor and operating system. */
const char* bestIsa();

/** Why CUDA is not usable here; "" where it is. */
const char* cudaStatus();

/** device: "auto", "cpu", "reference"; max_isa: "" or a tier name. Throws Error. */
Backend selectBackend(const std::string& device, const std::string& max_isa);

}  // namespace dc4j
