// Integer tiles of the search's coarse pass: dot products of quantised rows and columns, exact in
// int32.
//
// A word is four int8 or two int16 elements. Columns come in panels [words x kTileCols] of words;
// rows in panels [words x kTileRows], for AMX as plain rows [kAmxRows x words], words a multiple of
// 16. No sum can overflow: quantise.h sees to that.
#pragma once
#include "cpu/tile.h"

#if defined(DC4J_VNNI)

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** A register of a tile's sums. */
typedef int32_t Words __attribute__((vector_size(4 * DC4J_LANES), may_alias));

/** tile[r][c] = start[r] + sum of rows (int8) x columns (uint8: int8 + 128, so start is -128 times
 * the sum of the row). [kTileRows x kTileCols], aligned to 64 like the panels. */
void multiplyInt8(const int32_t* rows, const int32_t* columns, const int32_t* start, int64_t words,
                  int32_t* tile);

/** The same of `wide` words of int16 on either side, then `words` words as above; start is of these
 * alone. */
void multiplyMixed(const int32_t* rows, const int32_t* columns, const int32_t* start, int64_t wide,
                   int64_t words, int32_t* tile);

/** The same of int16 with signed columns; start is 0 for every row. */
void multiplyInt16(const int32_t* rows, const int32_t* columns, const int32_t* start, int64_t words,
                   int32_t* tile);

#if defined(DC4J_AMX)
constexpr int kAmxRows = 32;

/** This thread's tile registers, while it multiplies. */
class AmxTiles {
 public:
  AmxTiles();
  ~AmxTiles();
  AmxTiles(const AmxTiles&) = delete;
  AmxTiles& operator=(const AmxTiles&) = delete;
};

/** tile [kAmxRows x kTileCols] = rows (int8) x columns (int8). Within the life of an AmxTiles. */
void multiplyAmx(const int32_t* rows, const int32_t* columns, int64_t words, int32_t* tile);
#endif

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j

#endif
