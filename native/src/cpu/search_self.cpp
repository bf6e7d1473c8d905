#include "cpu/search_self.h"

#include "cpu/search_pass.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

/** Whole tiles of every tier and format, both ways. */
constexpr int64_t kBlockUnit = 96;
static_assert(kBlockUnit % kTileRows == 0 && kBlockUnit % kTileCols == 0, "whole tiles");
static_assert(kBlockUnit % kMostTileRows == 0, "whole tiles");

constexpr int64_t kMostBytes = INT64_C(2) << 30;

/** Of a block's packed rows. Larger blocks read less in all (scanPairs passes over them in parts
 * that stay in the second-level cache), but are fewer to share out, and a block meets itself in
 * twice the products. */
constexpr int64_t kMostBlockBytes = INT64_C(1600) << 10;

/** makePlan's, with blocks that meet each other, and enough of them for all workers. */
SearchPlan pairPlan(const SearchRequest& request, const SearchBase& base, const Coarse& coarse,
                    int threads) {
  SearchPlan plan = makePlan(request, base, coarse, threads);
  const int64_t n = request.rows.rows, bytes = 4 * plan.layout.words + 1;
  int64_t rows = kMostBlockBytes / bytes;
  if (rows > n / (4 * threads)) rows = n / (4 * threads);
  if (rows > 5 * kBlockUnit) rows = 5 * kBlockUnit;
  if (rows < kBlockUnit) rows = kBlockUnit;
  plan.block_rows = rows / kBlockUnit * kBlockUnit;
  plan.blocks = (n + plan.block_rows - 1) / plan.block_rows;
  plan.pairs = true;
  return plan;
}

bool worthwhile(const SearchPlan& plan, int64_t n) {
  const int64_t lists = candidateCapacity(plan.request->neighbours) * 12 + 100;
  return plan.tiles && plan.blocks > 1 &&
         n * (8 * plan.layout.words + lists + 4 * plan.request->neighbours) <= kMostBytes;
}

/** Every block with every other, a round of disjoint pairs at a time. */
void meet(Workers& workers, const Blocks& blocks, int64_t count) {
  const int64_t seats = count + count % 2, circle = seats - 1;
  for (int64_t round = 0; round < circle; round++) {
    workers.forEach(seats / 2, [&](int64_t q, int) {
      const int64_t a = q == 0 ? circle : (round + q) % circle;
      const int64_t b = (round - q + circle) % circle;
      if (a < count && b < count) blocks[a].scanPairs(blocks[b]);  // else one sits out
    });
  }
}

/** Results of picked rows under the rows' own numbers. */
class PickedSink final : public SearchSink {
 public:
  PickedSink(const SearchSink& sink, const int64_t* picked) : sink_(sink), picked_(picked) {}
  bool takesSquared() const override { return sink_.takesSquared(); }
  void take(int64_t row, const int64_t* ids, const double* squared, int64_t found) const override {
    sink_.take(picked_[row], ids, squared, found);
  }

 private:
  const SearchSink& sink_;
  const int64_t* picked_;
};

void searchRest(Workers& workers, const SearchRequest& request, const SearchBase& base,
                const Coarse& coarse, const SearchSink& sink) {
  Buffer<int64_t> rest(base.rows().rows);
  int64_t count = 0;
  for (int64_t j = 0; j < base.rows().rows; j++) {
    if (!base.inTile(j)) rest[count++] = j;
  }
  if (count == 0) return;
  SearchRequest picked = request;
  picked.picked = rest.data();
  picked.picked_rows = count;
  if (request.exclude != nullptr) picked.exclude = rest.data();
  FirstRow bad;
  searchIn(coarse, workers, picked, base, PickedSink(sink, rest.data()), bad);
}

}  // namespace

void searchSelf(Workers& workers, ConstMatrix x, const char* name, int64_t neighbours, bool itself,
                const SearchSink& sink) {
  if (neighbours > x.rows) neighbours = x.rows;
  if (neighbours < 1) neighbours = 1;
  Buffer<int64_t> own(itself ? 0 : x.rows);
  for (int64_t i = 0; i < x.rows && !itself; i++) own[i] = i;
  const SearchRequest request = {x,      name, x, name, neighbours, itself ? nullptr : own.data(),
                                 nullptr};
  const SearchBase base(workers, x, name, neighbours + 1);
  SpreadOrder order(x.cols);
  const Coarse coarse = chooseCoarse(workers, request, base, 0.5, order);
  const SearchPlan plan = pairPlan(request, base, coarse, workers.threads());
  FirstRow bad;  // none: the base was measured
  if (!worthwhile(plan, x.rows)) {
    searchIn(coarse, workers, request, base, sink, bad);
    return;
  }
  PackedColumns columns(base, plan.layout, base.panels());
  columns.pack(workers, 0, base.panels());
  const Blocks blocks(plan.blocks, plan, base, columns);
  const int64_t panels = plan.block_rows / kTileCols;
  workers.forEach(plan.blocks, [&](int64_t b, int) {
    const int64_t left = base.panels() - b * panels;
    blocks[b].open(b, bad);
    blocks[b].scan(b * panels, left < panels ? left : panels);
  });
  meet(workers, blocks, plan.blocks);
  workers.forEach(plan.blocks, [&](int64_t b, int) { blocks[b].finish(sink); });
  searchRest(workers, request, base, coarse, sink);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
