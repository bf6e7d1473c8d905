#include "cpu/search.h"

#include <cmath>

#include "core/error.h"
#include "cpu/search_pass.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

SearchPlan makePlan(const SearchRequest& request, const SearchBase& base, const Coarse& coarse,
                    int threads) {
  SearchPlan plan{};
  plan.request = &request;
  const int64_t n = request.count(), d = request.rows.cols;
  plan.layout = layoutOf(coarse, d);
  // Beyond, a sum of so many products proves nothing, or the lists get too long.
  plan.tiles = d + 12 < (INT64_C(1) << 22) && request.neighbours <= kLargestNeighbours;
  // The block's packed rows and lists should stay in the second-level cache.
  const int64_t tile = plan.layout.tile_rows;
  const int64_t lists = candidateCapacity(request.neighbours) * 12;
  int64_t rows = (INT64_C(256) << 10) / (4 * (plan.layout.words > 0 ? plan.layout.words : 1));
  if (rows > (INT64_C(1) << 20) / lists) rows = (INT64_C(1) << 20) / lists;
  if (rows < 60) rows = 60;
  if (rows > 240) rows = 240;
  if (rows > (n + threads - 1) / threads) rows = (n + threads - 1) / threads;
  plan.block_rows = (rows + tile - 1) / tile * tile;
  if (plan.block_rows == 0) plan.block_rows = tile;
  plan.blocks = (n + plan.block_rows - 1) / plan.block_rows;
  const int64_t all = exactScratch(request.neighbours, base.rows().rows);
  const int64_t some = candidateCapacity(request.neighbours) + base.outliers();
  plan.scratch = all > some || !plan.tiles ? all : some;
  return plan;
}

Effort searchIn(const Coarse& coarse, Workers& workers, const SearchRequest& request,
                const SearchBase& base, const SearchSink& sink, FirstRow& bad) {
  const SearchPlan plan = makePlan(request, base, coarse, workers.threads());
  PackedColumns columns(base, plan.layout, PackedColumns::cachedPanels(base, plan.layout));
  const int64_t step = columns.chunkPanels() > 0 ? columns.chunkPanels() : 1;
  const bool one_chunk = base.panels() <= step || !plan.tiles;
  const int64_t in_flight = one_chunk ? plan.blocks : 4 * workers.threads() + 28;
  const int64_t group_blocks = in_flight < plan.blocks ? in_flight : plan.blocks;
  Blocks slots(one_chunk ? workers.threads() : group_blocks, plan, base, columns);
  Buffer<Effort> efforts(workers.threads());
  for (int w = 0; w < workers.threads(); w++) efforts[w] = Effort();
  if (one_chunk && plan.tiles) columns.pack(workers, 0, base.panels());
  for (int64_t group = 0; group < plan.blocks; group += in_flight) {
    const int64_t left = plan.blocks - group, blocks = left < in_flight ? left : in_flight;
    for (int64_t first = 0; first == 0 || (!one_chunk && first < base.panels()); first += step) {
      const int64_t panels = base.panels() - first < step ? base.panels() - first : step;
      if (!one_chunk) columns.pack(workers, first, panels);
      workers.forEach(blocks, [&](int64_t b, int worker) {
        SearchBlock& block = slots[one_chunk ? worker : b];
        if (first == 0) block.open(group + b, bad);
        block.scan(first, panels);
        if (!one_chunk && first + step < base.panels()) return;
        block.finish(sink);
        efforts[worker].add(block.effort());
      });
    }
  }
  Effort all;
  for (int w = 0; w < workers.threads(); w++) {
    all.add(efforts[w]);
  }
  return all;
}

void search(Workers& workers, const SearchRequest& asked, const SearchSink& sink) {
  SearchRequest request = asked;
  if (request.neighbours > request.base.rows) request.neighbours = request.base.rows;
  if (request.neighbours < 1) request.neighbours = 1;
  // One more than asked for, as the row to exclude may be among them.
  const SearchBase base(workers, request.base, request.base_name, request.neighbours + 1);
  SpreadOrder order(request.rows.cols);
  const Coarse coarse = chooseCoarse(workers, request, base, 1, order);
  FirstRow bad;
  searchIn(coarse, workers, request, base, sink, bad);
  if (bad.row() >= 0) notFinite(request.rows_name, bad.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
