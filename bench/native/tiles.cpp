// Compiled once per tier, beside the core's own tile.cpp and integer_tile.cpp.
#include "tiles.h"

#include "cpu/integer_tile.h"

namespace bench {
namespace {

using namespace dc4j::cpu::DC4J_TIER;

void fp32(const void* rows, const void* columns, const void* start, int64_t words, void* tile) {
  multiplyTile(static_cast<const float*>(rows), static_cast<const float*>(columns),
               static_cast<const float*>(start), words, static_cast<float*>(tile));
}

#if defined(DC4J_VNNI)
void int16(const void* rows, const void* columns, const void* start, int64_t words, void* tile) {
  multiplyInt16(static_cast<const int32_t*>(rows), static_cast<const int32_t*>(columns),
                static_cast<const int32_t*>(start), words, static_cast<int32_t*>(tile));
}

void int8(const void* rows, const void* columns, const void* start, int64_t words, void* tile) {
  multiplyInt8(static_cast<const int32_t*>(rows), static_cast<const int32_t*>(columns),
               static_cast<const int32_t*>(start), words, static_cast<int32_t*>(tile));
}
#endif

}  // namespace

// The shares are the project's own targets (T1).
#if defined(DC4J_VNNI)
const Tile* vnniTiles(int* count) {
  static const Tile tiles[] = {{"fp32 tile, 512 bits", "fp32", 0.90, kTileRows, kTileCols, 1, fp32},
                               {"int16 tile", "int16", 0.88, kTileRows, kTileCols, 2, int16},
                               {"int8 tile", "int8", 0.80, kTileRows, kTileCols, 4, int8}};
  *count = 3;
  return tiles;
}
#else
const Tile* avx2Tiles(int* count) {
  static const Tile tiles[] = {
      {"fp32 tile, 256 bits", "fp32_256", 0.90, kTileRows, kTileCols, 1, fp32}};
  *count = 1;
  return tiles;
}
#endif

}  // namespace bench
