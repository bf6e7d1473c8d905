// A block of rows on its way over the base: packed once, multiplied tile by tile, each tile
// compared with its rows' thresholds, what is left decided by exact scores. The bound is
// search.h's.
#pragma once
#include "core/first_row.h"
#include "cpu/packed_columns.h"
#include "cpu/search_plan.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class Expected;

class SearchBlock {
  friend class Expected;

 public:
  /** In place `slot` of the memory, which outlives it. */
  SearchBlock(const SearchPlan& plan, const SearchBase& base, const PackedColumns& columns,
              const BlockMemory& memory, int64_t slot);

  /** Measures and packs the rows of block `block`. */
  void open(int64_t block, FirstRow& bad);
  /** Runs over `panels` packed panels, the first of which is panel `first` of the base. */
  void scan(int64_t first, int64_t panels);
  /** In plan.pairs: the rows of this block against those of another, for both. */
  void scanPairs(SearchBlock& other);
  /** Gives every row's result to the sink; in plan.pairs those of rows that tiles hold. */
  void finish(const SearchSink& sink);

  /** Of this block's rows since open. */
  Effort effort() const;

 private:
  void openRow(int64_t r);
  void packFloatRows(int64_t r);
  void packIntegerRows(int64_t r);
  void openPairs();
  int64_t twicePanels() const;
  void scanTwice(int64_t first, int64_t panels);
  void collectPanel(int64_t r, int64_t first, int64_t p);
  void raiseThresholds(int64_t r, int64_t first, int64_t panels);
  void collect(int64_t r, int64_t p, const float* values, uint32_t bits, float error);
  void scanFloats(int64_t first, int64_t panels);
  void scanIntegers(int64_t first, int64_t panels);
  void scanFloatTile(int64_t r, int64_t p, const PanelBound& bound, float* tile);
  void scanIntegerTile(int64_t r, int64_t p, const PanelBound& bound, const float* bias,
                       const int32_t* tile);
  void multiplyIntegers(int64_t r, int64_t p, int32_t* tile) const;
  void multiplyTwice(int64_t r, int64_t p, float* tile, float* most) const;
  const float* biased(int64_t r, int64_t p, const float* tile, float* values) const;
  void multiplyPairs(int64_t r, int64_t p, float* tile) const;
  void scanPairTile(int64_t r, int64_t p, SearchBlock& other, const float* tile,
                    Expected& expected);
  void fetchList(int64_t r) const;
  void offerOne(int64_t r, int64_t id, float value, float error);
  void errors(int64_t r, const PanelBound& bound, float* error) const;
  void cuts(int64_t r, const PanelBound& bound, float* error, float* cut) const;
  void prefetchDecision(int64_t r) const;
  void setBound(int64_t r, double norm, double hat);
  void offer(int64_t r, int64_t p, float* values, uint32_t bits, float error);
  const float* source(int64_t r) const { return request_.rows.row(request_.id(begin_ + r)); }
  SearchRow row(int64_t r) const {
    const int64_t i = begin_ + r;
    const double within = request_.within == nullptr ? -1 : request_.within[i];
    return {source(r), norms_[r], request_.exclude == nullptr ? -1 : request_.exclude[i], within,
            slackOf(within, request_.rows.cols)};
  }

  const SearchPlan& plan_;
  const SearchBase& base_;
  const PackedColumns& columns_;
  const SearchRequest& request_;
  int64_t begin_ = 0, rows_ = 0;
  float* packed_;           // [block_rows x words], panel by panel
  Buffer<float> gathered_;  // [tile_rows x d] picked rows side by side; fp32 only
  // What is scanned twice, panel by panel: tiles as they were multiplied; the largest value and the
  // error of each of its rows [kMostTileRows].
  Buffer<float> twice_, most_, errors_;
  Buffer<float> thresholds_;  // +infinity: not in the tiles
  Buffer<double> norms_;      // at least |x|; NaN or infinity: refused
  Buffer<float> peaks_;       // max |x_t|
  // What E needs of a row: E = |c| by_norm + |c - c^| by_error + the panel's rest.
  Buffer<float> by_norm_, by_error_;
  Buffer<float> scales_;   // quanta of the rows; integers only
  Buffer<int32_t> start_;  // of the tiles' sums; integers only
  Buffer<float> bias_;     // b of the rows as columns, -infinity: in no tile; pairs only
  Buffer<float> rest_;     // what E needs of a row as a column; pairs only
  Buffer<Candidates> lists_;
  int64_t* ids_;  // of the lists, one behind the other
  float *upper_, *lower_;
  Buffer<Scored> scratch_;
  Buffer<int64_t> found_;
  Buffer<double> squared_;  // of those found, where they are wanted
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
