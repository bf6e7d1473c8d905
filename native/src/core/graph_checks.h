// Checks of neighbour tables and given graphs; each names the first offender and what would be
// accepted.
#pragma once
#include <cstdint>

#include "core/graph.h"
#include "core/view.h"

namespace dc4j {

/** Every id of the [n x k] table in -1..n-1, none but -1 twice in a row. */
void requireNeighbourTable(const int64_t* ids, int64_t n, int64_t k);

/** No NaN and nothing negative where ids [n x k] name a row other than their own. */
void requireNeighbourDistances(const int64_t* ids, ConstMatrix distances);

/** offsets from 0, never falling. */
void requireOffsets(const int64_t* offsets, int64_t rows);

/** Columns increasing in 0..n-1, distances 0 <= d < limit, symmetric, 0 on the diagonal. */
void requireGraph(const Graph& graph);

}  // namespace dc4j
