#include "cpu/integer_tile.h"

#include "cpu/tile_assembly.h"

#if defined(DC4J_VNNI)
#include <immintrin.h>

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static_assert(kTileRows == 12 && kTileCols == 32, "the registers of DC4J_TILE");

__attribute__((noinline)) void multiplyInt8(const int32_t* rows, const int32_t* columns,
                                            const int32_t* start, int64_t words, int32_t* tile) {
  DC4J_TILE(DC4J_LOOP("vpdpbusd", "words"), );
}

__attribute__((noinline)) void multiplyInt16(const int32_t* rows, const int32_t* columns,
                                             const int32_t* start, int64_t words, int32_t* tile) {
  DC4J_TILE(DC4J_LOOP("vpdpwssd", "words"), );
}

__attribute__((noinline)) void multiplyMixed(const int32_t* rows, const int32_t* columns,
                                             const int32_t* start, int64_t wide, int64_t words,
                                             int32_t* tile) {
  DC4J_TILE(DC4J_LOOP("vpdpwssd", "wide") DC4J_LOOP("vpdpbusd", "words"), [wide] "+r"(wide), );
}

#if defined(DC4J_AMX)

namespace {

/** What LDTILECFG reads. */
struct TileConfig {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64, "as the instruction reads it");

// All eight tiles 16 rows of 64 bytes. In static memory: gcc 12 thinks that the intrinsic reads
// only the first word and drops the stores of a local one.
alignas(64) const TileConfig kTiles = {
    1, 0, {}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

}  // namespace

AmxTiles::AmxTiles() { _tile_loadconfig(&kTiles); }

AmxTiles::~AmxTiles() { _tile_release(); }

// Four accumulators: two tiles of rows by two of columns.
__attribute__((noinline)) void multiplyAmx(const int32_t* rows, const int32_t* columns,
                                           int64_t words, int32_t* tile) {
  const size_t row_stride = static_cast<size_t>(words) * 4;
  const int32_t* lower = rows + 16 * words;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t w = 0; w < words; w += 16) {
    _tile_loadd(4, rows + w, row_stride);
    _tile_loadd(6, columns + w * kTileCols, 4 * kTileCols);
    _tile_dpbssd(0, 4, 6);
    _tile_loadd(7, columns + w * kTileCols + 16, 4 * kTileCols);
    _tile_dpbssd(1, 4, 7);
    _tile_loadd(5, lower + w, row_stride);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_stored(0, tile, 4 * kTileCols);
  _tile_stored(1, tile + 16, 4 * kTileCols);
  _tile_stored(2, tile + 16 * kTileCols, 4 * kTileCols);
  _tile_stored(3, tile + 16 * kTileCols + 16, 4 * kTileCols);
}

#endif

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
