// The parts of a search: its sizes, its blocks, a pass in one format, the choice of the format.
#pragma once
#include "cpu/search_block.h"
#include "cpu/spread_order.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** More are decided by exact scores alone: the lists get too long. */
constexpr int64_t kLargestNeighbours = 2048;

SearchPlan makePlan(const SearchRequest& request, const SearchBase& base, const Coarse& coarse,
                    int threads);

/** The blocks in flight: one per worker, or all of a group where the base passes in several chunks.
 */
class Blocks {
 public:
  Blocks(int64_t count, const SearchPlan& plan, const SearchBase& base,
         const PackedColumns& columns)
      : shared_(plan, count), memory_(count) {
    for (; count_ < count; count_++) {
      try {
        new (&memory_[count_]) SearchBlock(plan, base, columns, shared_, count_);
      } catch (...) {
        clear();
        throw;
      }
    }
  }
  ~Blocks() { clear(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  SearchBlock& operator[](int64_t b) const { return memory_[b]; }

 private:
  void clear() {
    while (count_ > 0) memory_[--count_].~SearchBlock();
  }
  BlockMemory shared_;
  Buffer<SearchBlock> memory_;
  int64_t count_ = 0;
};

/** The search in one format. Rows that are not finite are reported to bad and left out. */
Effort searchIn(const Coarse& coarse, Workers& workers, const SearchRequest& request,
                const SearchBase& base, const SearchSink& sink, FirstRow& bad);

/** The format that promises least work, from a sample of the rows: integers unless the data defeat
 * their bound. Any choice gives the same results.
 *  @param tile_share of the tiles of rows x base that the search multiplies
 *  @param order measured where elements of different widths are in question; the result may point
 *  into it */
Coarse chooseCoarse(Workers& workers, const SearchRequest& request, const SearchBase& base,
                    double tile_share, SpreadOrder& order);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
