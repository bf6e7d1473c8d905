// The table's functions in this room: one declaration for every line of kernel_list.h.
#pragma once
#include "backend/table.h"

namespace dc4j {
namespace cuda {

#define DC4J_KERNEL(name, parameters) void name parameters;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL

/** Every slot. */
KernelTable table();

}  // namespace cuda
}  // namespace dc4j
