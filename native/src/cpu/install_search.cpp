// The slots that rest on the exact search: what the vnni and amx tiers override.
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void installSearch(KernelTable& table) {
  table.kmeans_assign = kmeans_assign;
  table.kmeans_follow = kmeans_follow;
  table.kmeans_assign2 = kmeans_assign2;
  table.kmeans_seed = kmeans_seed;
  table.nearest = nearest;
  table.nearest_self = nearest_self;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
