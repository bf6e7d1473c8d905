// The slots that take a precision: what the bf16 tier overrides.
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void installProducts(KernelTable& table) {
  table.covariance_add = covariance_add;
  table.info_nce = info_nce;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
