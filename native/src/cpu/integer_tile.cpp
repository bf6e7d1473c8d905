#include "cpu/integer_tile.h"

#if defined(DC4J_VNNI)
#include <immintrin.h>

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

static_assert(kTileRows == 12 && kTileCols == 32, "the registers below");

// In assembly because gcc 12 spills 24 accumulators of these instructions. zmm0-23 hold the tile,
// two for every row; zmm24-25 the columns; zmm26-31 take the rows' words in turn.
#define DC4J_START(r, even, odd)                 \
  "vpbroadcastd 4*" #r "(%[start]), %%zmm" #even \
  "\n"                                           \
  "vmovdqa64 %%zmm" #even ", %%zmm" #odd "\n"
#define DC4J_STEP(op, r, even, odd, word)                                                       \
  "vpbroadcastd 4*" #r "(%[rows]), %%zmm" #word "\n" op " %%zmm" #word ", %%zmm24, %%zmm" #even \
  "\n" op " %%zmm" #word ", %%zmm25, %%zmm" #odd "\n"
#define DC4J_STORE(r, even, odd)      \
  "vmovdqa64 %%zmm" #even ", 128*" #r \
  "(%[tile])\n"                       \
  "vmovdqa64 %%zmm" #odd ", 64+128*" #r "(%[tile])\n"
// clang-format off
#define DC4J_TILE(op)                                                            \
  asm volatile(                                                                  \
      DC4J_START(0, 0, 1) DC4J_START(1, 2, 3) DC4J_START(2, 4, 5)                \
      DC4J_START(3, 6, 7) DC4J_START(4, 8, 9) DC4J_START(5, 10, 11)              \
      DC4J_START(6, 12, 13) DC4J_START(7, 14, 15) DC4J_START(8, 16, 17)          \
      DC4J_START(9, 18, 19) DC4J_START(10, 20, 21) DC4J_START(11, 22, 23)        \
      "test %[words], %[words]\n"                                                \
      "jz 2f\n"                                                                  \
      ".p2align 4\n"                                                             \
      "1:\n"                                                                     \
      "vmovdqa64 (%[columns]), %%zmm24\n"                                        \
      "vmovdqa64 64(%[columns]), %%zmm25\n"                                      \
      DC4J_STEP(op, 0, 0, 1, 26) DC4J_STEP(op, 1, 2, 3, 27)                      \
      DC4J_STEP(op, 2, 4, 5, 28) DC4J_STEP(op, 3, 6, 7, 29)                      \
      DC4J_STEP(op, 4, 8, 9, 30) DC4J_STEP(op, 5, 10, 11, 31)                    \
      DC4J_STEP(op, 6, 12, 13, 26) DC4J_STEP(op, 7, 14, 15, 27)                  \
      DC4J_STEP(op, 8, 16, 17, 28) DC4J_STEP(op, 9, 18, 19, 29)                  \
      DC4J_STEP(op, 10, 20, 21, 30) DC4J_STEP(op, 11, 22, 23, 31)                \
      "add $48, %[rows]\n"                                                       \
      "add $128, %[columns]\n"                                                   \
      "dec %[words]\n"                                                           \
      "jnz 1b\n"                                                                 \
      "2:\n"                                                                     \
      DC4J_STORE(0, 0, 1) DC4J_STORE(1, 2, 3) DC4J_STORE(2, 4, 5)                \
      DC4J_STORE(3, 6, 7) DC4J_STORE(4, 8, 9) DC4J_STORE(5, 10, 11)              \
      DC4J_STORE(6, 12, 13) DC4J_STORE(7, 14, 15) DC4J_STORE(8, 16, 17)          \
      DC4J_STORE(9, 18, 19) DC4J_STORE(10, 20, 21) DC4J_STORE(11, 22, 23)        \
      : [rows] "+r"(rows), [columns] "+r"(columns), [words] "+r"(words)          \
      : [start] "r"(start), [tile] "r"(tile)                                     \
      : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",  \
        "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",     \
        "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",  \
        "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",  \
        "xmm31")
// clang-format on

__attribute__((noinline)) void multiplyInt8(const int32_t* rows, const int32_t* columns,
                                            const int32_t* start, int64_t words, int32_t* tile) {
  DC4J_TILE("vpdpbusd");
}

__attribute__((noinline)) void multiplyInt16(const int32_t* rows, const int32_t* columns,
                                             const int32_t* start, int64_t words, int32_t* tile) {
  DC4J_TILE("vpdpwssd");
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
