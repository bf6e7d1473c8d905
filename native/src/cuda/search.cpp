#include "cuda/search.h"

#include <algorithm>

#include "cuda/search_parts.h"

namespace dc4j {
namespace cuda {
namespace {

/** Memory behind Columns. */
class SearchColumns {
 public:
  SearchColumns(CudaState& state, ConstMatrix base, const char* name)
      : rounded_(state, base.rows, base.cols),
        tiles_(rounded_.view().padded / kTileColumns),
        bias_(state, rounded_.view().padded),
        tile_bounds_(state, 3 * tiles_),
        outliers_(state, base.rows),
        outlier_count_(state, 1),
        view_{base,
              rounded_.view(),
              tiles_,
              bias_.data(),
              tile_bounds_.data(),
              tile_bounds_.data() + tiles_,
              tile_bounds_.data() + 2 * tiles_,
              outliers_.data(),
              outlier_count_.data()} {
    FirstBadRow bad(state);
    roundRows(state, base, 0, rounded_.view(), bad.data());
    outlier_count_.fill(0);
    measureColumns(state, view_);
    bad.check(name);
  }
  const Columns& view() const { return view_; }

 private:
  RoundedRows rounded_;
  int64_t tiles_;
  DeviceArray<float> bias_, tile_bounds_;
  DeviceArray<int32_t> outliers_, outlier_count_;
  Columns view_;
};

static_assert(kTileRows % kTileColumns == 0, "padded rows are whole tiles of columns");

}  // namespace

void search(CudaState& state, const SearchRequest& request,
            const std::function<void(const SearchResult&)>& take) {
  const ConstMatrix x = request.rows;
  const int64_t m = std::max<int64_t>(1, std::min(request.neighbours, request.base.rows));
  const SearchColumns columns(state, request.base, request.base_name);
  const bool tiles = x.cols > 0 && x.cols <= kLargestDimension && m <= kLargestNeighbours;
  const int64_t per_row = columns.view().tiles * 9 + m * static_cast<int64_t>(sizeof(Scored)) +
                          RoundedRows::bytesPerRow(x.cols);
  FirstBadRow bad(state);
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, per_row);
  const RoundedRows rows(state, chunks.rows(), x.cols);
  const int64_t cells = tiles ? rows.view().padded * columns.view().tiles : 0;
  const DeviceArray<float> best_values(state, cells), second_values(state, cells);
  const DeviceArray<uint8_t> best_columns(state, cells);
  const DeviceArray<Scored> best(state, chunks.rows() * m);
  const Coarse coarse = {best_values.data(), second_values.data(), best_columns.data()};
  for (RowChunk chunk; chunks.next(chunk);) {
    Rounded rounded = rows.view();
    rounded.rows = chunk.x.rows;
    rounded.padded = roundUp(chunk.x.rows, kTileRows);
    roundRows(state, chunk.x, chunk.first, rounded, bad.data());
    if (tiles) coarsePass(state, rounded, columns.view(), coarse);
    decide(state, {chunk.x, chunk.first, rounded, columns.view(), coarse, tiles, m,
                   request.exclude == nullptr ? nullptr : request.exclude + chunk.first,
                   request.exclude_itself, best.data()});
    take({chunk, best.data(), m});
  }
  chunks.finish();
  bad.check(request.rows_name);
}

}  // namespace cuda
}  // namespace dc4j
