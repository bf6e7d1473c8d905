#include "cuda/search.h"

#include <algorithm>

#include "cuda/search_parts.h"

namespace dc4j {
namespace cuda {
namespace {

/** Memory behind Columns. */
class SearchColumns {
 public:
  SearchColumns(CudaState& state, const BasePiece& piece)
      : rounded_(state, piece.rows.rows, piece.rows.cols),
        tiles_(rounded_.view().padded / kTileColumns),
        stride_(roundUp(tiles_, kTilesTogether)),
        bias_(state, stride_ * kTileColumns),
        tile_bounds_(state, 3 * tiles_),
        outliers_(state, piece.rows.rows),
        outlier_count_(state, 1),
        view_{piece.rows,
              rounded_.view(),
              tiles_,
              stride_,
              bias_.data(),
              tile_bounds_.data(),
              tile_bounds_.data() + tiles_,
              tile_bounds_.data() + 2 * tiles_,
              outliers_.data(),
              outlier_count_.data()} {
    roundRows(state, piece.rows, nullptr, piece.first, rounded_.view(), piece.bad);
    outlier_count_.fill(0);
    measureColumns(state, view_);
  }
  const Columns& view() const { return view_; }

 private:
  RoundedRows rounded_;
  int64_t tiles_, stride_;
  DeviceArray<float> bias_, tile_bounds_;
  DeviceArray<int32_t> outliers_, outlier_count_;
  Columns view_;
};

static_assert(kTileRows % kTileColumns == 0, "padded rows are whole tiles of columns");

}  // namespace

struct SearchEngine::Memory {
  Memory(CudaState& of, const BasePiece& piece, int64_t neighbours, int64_t most)
      : state(of),
        base_first(piece.first),
        m(std::max<int64_t>(1, std::min(neighbours, piece.rows.rows))),
        columns(of, piece),
        tiles(piece.rows.cols > 0 && piece.rows.cols <= kLargestDimension &&
              m <= kLargestNeighbours),
        rows(of, most, piece.rows.cols),
        best_values(of, cells()),
        second_values(of, cells()),
        best(of, most * m),
        open(of, m == 1 ? most : 0),
        open_count(of, 1) {}
  int64_t cells() const { return tiles ? rows.view().padded * columns.view().stride : 0; }

  CudaState& state;
  int64_t base_first, m;
  SearchColumns columns;
  bool tiles;
  RoundedRows rows;
  DeviceArray<float> best_values, second_values;
  DeviceArray<Scored> best;
  DeviceArray<int64_t> open, open_count;
};

SearchEngine::SearchEngine(CudaState& state, const BasePiece& piece, int64_t neighbours,
                           int64_t rows)
    : memory_(new Memory(state, piece, neighbours, rows)) {}

SearchEngine::SearchEngine(CudaState& state, ConstMatrix base, const char* base_name,
                           int64_t neighbours, int64_t rows) {
  FirstBadRow bad(state);
  memory_.reset(new Memory(state, {base, 0, bad.data()}, neighbours, rows));
  bad.check(base_name);
}
SearchEngine::~SearchEngine() = default;

int64_t SearchEngine::bytesPerRow(ConstMatrix base, int64_t neighbours) {
  const int64_t m = std::max<int64_t>(1, std::min(neighbours, base.rows));
  const int64_t tiles = roundUp(base.rows, kTileRows) / kTileColumns;
  return roundUp(tiles, kTilesTogether) * 8 + m * static_cast<int64_t>(sizeof(Scored)) +
         RoundedRows::bytesPerRow(base.cols) + static_cast<int64_t>(sizeof(int64_t));
}

SearchResult SearchEngine::run(const RowChunk& chunk, const int64_t* picked, int64_t count,
                               const Wanted& wanted, int64_t* bad) {
  Memory& own = *memory_;
  const Coarse coarse = {own.best_values.data(), own.second_values.data()};
  Rounded rounded = own.rows.view();
  rounded.rows = count;
  rounded.padded = roundUp(count, kTileRows);
  roundRows(own.state, chunk.x, picked, chunk.first, rounded, bad);
  if (own.tiles) coarsePass(own.state, rounded, own.columns.view(), coarse);
  const bool singles = own.tiles && own.m == 1 && wanted.ids_only && wanted.exclude == nullptr &&
                       !wanted.exclude_itself;
  decide(own.state, {chunk.x, picked, chunk.first, rounded, own.columns.view(), coarse, own.tiles,
                     own.m, wanted.exclude == nullptr ? nullptr : wanted.exclude + chunk.first,
                     wanted.exclude_itself, own.base_first, singles ? own.open.data() : nullptr,
                     own.open_count.data(), own.best.data()});
  return {chunk, picked, count, own.best.data(), own.m};
}

void search(CudaState& state, const SearchRequest& request,
            const std::function<void(const SearchResult&)>& take) {
  const int64_t m = request.neighbours;
  RowChunks chunks(state, request.rows, {nullptr, 0, 0, 0},
                   SearchEngine::bytesPerRow(request.base, m), kTileRows);
  SearchEngine engine(state, request.base, request.base_name, m, chunks.rows());
  FirstBadRow bad(state);
  for (RowChunk chunk; chunks.next(chunk);) {
    take(engine.run(chunk, nullptr, chunk.x.rows, request.wanted, bad.data()));
  }
  chunks.finish();
  bad.check(request.rows_name);
}

}  // namespace cuda
}  // namespace dc4j
