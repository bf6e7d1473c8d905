// Compiled once per ISA tier (DC4J_TIER names it): the slots this tier overrides.
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void install(KernelTable& table) {
  table.normalize_rows = normalize_rows;
  table.images_apply = images_apply;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
