// The sizes of a search's parts, and the memory of its blocks.
#pragma once
#include "cpu/candidates.h"
#include "cpu/search.h"
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Sizes of the parts of a search. */
struct SearchPlan {
  const SearchRequest* request;
  Layout layout;
  bool tiles;          // false: exact scores alone
  int64_t block_rows;  // rows that pass over the base together, whole tiles
  int64_t blocks;
  int64_t scratch;  // Scored per slot
  bool pairs;       // rows are the base itself: scanPairs serves both sides of a tile
};

/** What blocks fill, side by side: one by one, such arrays are too small for huge pages. */
class BlockMemory {
 public:
  BlockMemory(const SearchPlan& plan, int64_t blocks)
      : rows_(plan.tiles ? plan.block_rows : 0),
        words_(plan.layout.words),
        neighbours_(plan.request->neighbours),
        capacity_(candidateCapacity(neighbours_)),
        packed_(blocks * rows_ * words_),
        ids_(blocks * rows_ * capacity_),
        upper_(blocks * rows_ * capacity_),
        lower_(blocks * rows_ * neighbours_) {}

  float* packed(int64_t b) const { return packed_.data() + b * rows_ * words_; }
  int64_t* ids(int64_t b) const { return ids_.data() + b * rows_ * capacity_; }
  float* upper(int64_t b) const { return upper_.data() + b * rows_ * capacity_; }
  float* lower(int64_t b) const { return lower_.data() + b * rows_ * neighbours_; }

 private:
  int64_t rows_, words_, neighbours_, capacity_;
  Buffer<float> packed_;
  Buffer<int64_t> ids_;
  Buffer<float> upper_, lower_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
