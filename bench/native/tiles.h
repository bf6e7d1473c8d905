// The micro-kernels under test, called as the core calls them, tier by tier; and slow ones of the
// same signature, planted to see that the gate catches them.
#pragma once
#include <cstdint>

namespace bench {

struct Tile {
  const char* kernel;  // "fp32 tile, avx512"
  const char* instruction;
  double wanted;  // share of the instruction's peak
  int rows, columns;
  int elements;  // of a row in four bytes: 1 fp32, 2 int16, 4 int8
  void (*run)(const void* rows, const void* columns, const void* start, int64_t words, void* tile);
};

const Tile* avx2Tiles(int* count);
const Tile* vnniTiles(int* count);
/** vnniTiles with more accumulators than there are registers. */
const Tile* spilledTiles(int* count);

}  // namespace bench
