// The nearest m rows of x for every row of x: search() with the base as its own rows, in half the
// products.
//
// x_i.x_j is of use to i and to j, so a tile is compared with the thresholds of its rows and with
// those of its columns. Everything search.h proves holds for either side: E differs only in whose
// bias it has. Rows come in blocks, each block meets each other once, and in the order of a round
// robin (the circle method) no two pairs of a round share a block: workers write without locks, and
// which pair comes first changes no result. A block against itself is scanned as by search(), for
// its rows alone.
//
// Rows that no tile holds as a column (copies beyond the m + 1st, norms beyond the tiles) are left
// to search() against the whole base.
#pragma once
#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** @param itself whether a row may be among its own neighbours. Memory: rows and columns packed in
 * one of search_format.h's formats, 28 m + 900 bytes a row; where that is too much, search(). */
void searchSelf(Workers& workers, ConstMatrix x, const char* name, int64_t neighbours, bool itself,
                const SearchSink& sink);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
