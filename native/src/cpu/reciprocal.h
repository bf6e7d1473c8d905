// The neighbour lists and k-reciprocal sets of graph.h, for all rows.
#pragma once
#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** One short list of ids per row. */
struct IdLists {
  IdLists(int64_t rows_, int64_t width_)
      : rows(rows_), width(width_), counts(rows_), ids(rows_ * width_) {}
  int32_t* row(int64_t i) const { return ids.data() + i * width; }
  const int64_t rows, width;
  Buffer<int32_t> counts, ids;
};

/** rank(i): i, then what the table holds of others, at most rank.width of them. */
void rankRows(Workers& workers, const int64_t* table, int64_t columns, IdLists& rank);

/** mutual(i) = R(i, k) for k + 1 = mutual.width or more than rank has, in order of rank. */
void reciprocalRows(Workers& workers, const IdLists& rank, IdLists& mutual);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
