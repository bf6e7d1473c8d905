#include "backend/table.h"

namespace dc4j {
namespace reference {

KernelTable table() {
  KernelTable table;
#define DC4J_KERNEL(name, parameters) table.name = name;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL
  return table;
}

}  // namespace reference
}  // namespace dc4j
