#include "cpu/search.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "cpu/search_pass.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int64_t kLargestNeighbours = 2048;

SearchPlan makePlan(const SearchRequest& request, const SearchBase& base, Format format,
                    int threads) {
  SearchPlan plan{};
  plan.request = &request;
  const int64_t n = request.count(), d = request.rows.cols;
  plan.layout = layoutOf(format, d);
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

Effort searchIn(Format format, Workers& workers, const SearchRequest& request,
                const SearchBase& base, const SearchSink& sink, FirstRow& bad) {
  const SearchPlan plan = makePlan(request, base, format, workers.threads());
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

namespace {

class NoSink final : public SearchSink {
 public:
  void take(int64_t, const int64_t*, int64_t) const override {}
};

/** Clocks a row costs in a format, about: a register of columns takes half a clock a word and a
 * few to compare, an offered candidate a mispredicted branch, fp32 and exact scores their loads. */
double clocksPerRow(const Layout& layout, int64_t columns, int64_t d, const Effort& effort,
                    int64_t rows) {
  const double words = static_cast<double>(layout.words);
  const double tiles = static_cast<double>((columns + kTileCols - 1) / kTileCols * kTileCols) / 16 *
                       (words / (layout.row_major ? 16 : 2) + 3);
  const double length = static_cast<double>(d);
  const double quantised = layout.format == Format::fp32 ? 0 : 60 + length / 2;  // packing a row
  const double decided = 30 * static_cast<double>(effort.offered) +
                         (40 + length / 8) * static_cast<double>(effort.refined) +
                         (40 + length / 2) * static_cast<double>(effort.scored);
  return tiles + quantised + decided / static_cast<double>(rows);
}

}  // namespace

Format chooseFormat(Workers& workers, const SearchRequest& request, const SearchBase& base,
                    double tile_share) {
  const int64_t n = request.count(), d = request.rows.cols, k = request.base.rows;
  if (!kIntegerFormats || d > kLargestQuantised || request.neighbours > kLargestNeighbours) {
    return Format::fp32;
  }
  const char* forced = std::getenv("DC4J_SEARCH_FORMAT");
  if (forced != nullptr && *forced != 0) {
    if (std::strcmp(forced, "int8") == 0) return Format::int8;
    if (std::strcmp(forced, "int16") == 0) return Format::int16;
    if (std::strcmp(forced, "fp32") == 0) return Format::fp32;
    invalid(text("DC4J_SEARCH_FORMAT is '", forced, "'; accepted: int8, int16, fp32"));
  }
  constexpr int64_t kSample = 96;
  if (d < 16 || k < 64 || n < 4 * kSample) return Format::fp32;
  SearchRequest sample = request;
  int64_t picked[kSample];
  int32_t hints[kSample];
  double within[kSample];
  for (int64_t i = 0; i < kSample; i++) {
    const int64_t from = i * (n / kSample);
    picked[i] = request.id(from);
    if (request.hints != nullptr) hints[i] = request.hints[from];
    if (request.within != nullptr) within[i] = request.within[from];
  }
  sample.picked = picked;
  sample.picked_rows = kSample;
  sample.exclude = nullptr;
  if (request.hints != nullptr) sample.hints = hints;
  if (request.within != nullptr) sample.within = within;
  Effort least;
  least.offered = (request.startsCold() ? 1 : 8) * request.neighbours;
  least.scored = request.neighbours > 1 ? request.neighbours : 0;
  Format best = Format::fp32;
  const auto tiled = static_cast<int64_t>(tile_share * static_cast<double>(k));
  double clocks = clocksPerRow(layoutOf(best, d), tiled, d, least, 1);
  for (Format format : {Format::int8, Format::int16}) {
    const Layout layout = layoutOf(format, d);
    if (clocksPerRow(layout, tiled, d, least, 1) >= clocks) continue;  // cannot win
    FirstRow bad;
    const Effort effort = searchIn(format, workers, sample, base, NoSink(), bad);
    const double found = clocksPerRow(layout, tiled, d, effort, kSample);
    if (found >= clocks) continue;
    best = format;
    clocks = found;
  }
  return best;
}

void search(Workers& workers, const SearchRequest& asked, const SearchSink& sink) {
  SearchRequest request = asked;
  if (request.neighbours > request.base.rows) request.neighbours = request.base.rows;
  if (request.neighbours < 1) request.neighbours = 1;
  // One more than asked for, as the row to exclude may be among them.
  const SearchBase base(workers, request.base, request.base_name, request.neighbours + 1);
  const Format format = chooseFormat(workers, request, base, 1);
  FirstRow bad;
  searchIn(format, workers, request, base, sink, bad);
  if (bad.row() >= 0) notFinite(request.rows_name, bad.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
