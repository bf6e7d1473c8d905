#include "cpu/bf16_tile.h"

#include "cpu/tile_assembly.h"

#if defined(DC4J_BF16)

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static_assert(kTileRows == 12 && kTileCols == 32, "the registers of DC4J_TILE");

__attribute__((noinline)) void multiplyPairs(const float* rows, const float* columns, int64_t words,
                                             float* tile) {
  static const int32_t start[kTileRows] = {};
  DC4J_TILE(DC4J_LOOP("vdpbf16ps", "words"), );
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
