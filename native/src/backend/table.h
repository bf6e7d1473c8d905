// The kernel table a context calls through.
#pragma once
#include <dc4j/graph.h>
#include <dc4j/images.h>
#include <dc4j/kernels.h>
#include <dc4j/losses.h>

#include "core/graph.h"
#include "core/precision.h"
#include "core/view.h"
#include "core/workers.h"

namespace dc4j {

struct KernelTable {
#define DC4J_KERNEL(name, parameters) void(*name) parameters;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL
};

namespace reference {
#define DC4J_KERNEL(name, parameters) void name parameters;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL
/** Every slot. */
KernelTable table();
}  // namespace reference

// Each CPU tier overrides the slots it has; the rest keep what they were.
namespace cpu {
namespace generic {
void install(KernelTable& table);
}
namespace avx2 {
void install(KernelTable& table);
}
namespace avx512 {
void install(KernelTable& table);
}
// Tiers of the exact search alone, on top of avx512.
namespace vnni {
void installSearch(KernelTable& table);
}
namespace amx {
void installSearch(KernelTable& table);
}
// Products of 16-bit factors, on top of vnni or amx.
namespace bf16 {
void installProducts(KernelTable& table);
}
}  // namespace cpu

}  // namespace dc4j
