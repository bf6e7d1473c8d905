#include "cuda/search_pieces.h"

#include <algorithm>
#include <utility>

#include "cuda/device_array.h"
#include "cuda/search_parts.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));
constexpr int64_t kColumnBytes = 64;  // of what a search keeps of a column beside its rounded row

int64_t bytesOfBaseRow(int64_t d) { return RoundedRows::bytesPerRow(d) + kColumnBytes; }

/** Memory behind two NeighbourLists, one of which is merged into the other. */
struct Lists {
  Lists(CudaState& state, int64_t rows, int64_t m, bool distances)
      : best(state, rows * m),
        distance(state, distances ? rows * m : 0),
        view{best.data(), distances ? distance.data() : nullptr, m} {}
  DeviceArray<Scored> best;
  DeviceArray<float> distance;
  NeighbourLists view;
};

int64_t bytesOfGroupRow(const PiecesRequest& request) {
  const int64_t entry = static_cast<int64_t>(sizeof(Scored)) + kFloat;
  return request.rows.cols * kFloat +
         request.neighbours * (2 * entry + static_cast<int64_t>(sizeof(int64_t)));
}

/** Rows of one group, on the device, and what was found for them. */
class Group {
 public:
  Group(CudaState& state, const PiecesRequest& request, int64_t most)
      : state_(state),
        request_(request),
        copies_(state.placeOf(request.rows.data) == Place::host),
        copy_(state, copies_ ? most * request.rows.cols : 0),
        one_(state, most, request.neighbours, request.distances != nullptr),
        two_(state, most, request.neighbours, request.distances != nullptr),
        ids_(state, most * request.neighbours) {}

  void search(int64_t first, int64_t count, FirstBadRow& bad_base, FirstBadRow& bad_rows);

 private:
  ConstMatrix rowsFrom(int64_t first, int64_t count);
  void searchPiece(const RowChunk& piece, ConstMatrix rows, int64_t first, FirstBadRow& bad_base,
                   FirstBadRow& bad_rows);
  void bringHome(int64_t first, int64_t count);

  CudaState& state_;
  const PiecesRequest& request_;
  const bool copies_;
  const DeviceArray<float> copy_;
  Lists one_, two_;
  const DeviceArray<int64_t> ids_;
};

ConstMatrix Group::rowsFrom(int64_t first, int64_t count) {
  const ConstMatrix& all = request_.rows;
  if (!copies_) return {all.row(first), count, all.cols, all.stride};
  auto* from = reinterpret_cast<unsigned char*>(const_cast<float*>(all.row(first)));
  state_.copyRows({reinterpret_cast<unsigned char*>(copy_.data()), all.cols * kFloat},
                  {from, all.stride * kFloat}, all.cols * kFloat, count);
  return {copy_.data(), count, all.cols, all.cols};
}

/** All rows of the group against a piece, as many at a time as the coarse pass has room for. */
void Group::searchPiece(const RowChunk& piece, ConstMatrix rows, int64_t first,
                        FirstBadRow& bad_base, FirstBadRow& bad_rows) {
  const int64_t m = request_.neighbours;
  const int64_t some = state_.chunkRows(rows.rows, SearchEngine::bytesPerRow(piece.x, m));
  SearchEngine engine(state_, {piece.x, piece.first, bad_base.data()}, m, some);
  for (int64_t i = 0; i < rows.rows; i += some) {
    const int64_t count = std::min(some, rows.rows - i);
    RowChunk chunk;
    chunk.first = first + i;
    chunk.x = {rows.row(i), count, rows.cols, rows.stride};
    const SearchResult found = engine.run(chunk, nullptr, count, request_.wanted, bad_rows.data());
    mergeLists(state_, {found, piece.x, piece.first, i}, one_.view, two_.view);
  }
  std::swap(one_.view, two_.view);
}

void Group::bringHome(int64_t first, int64_t count) {
  const int64_t m = request_.neighbours;
  readIds(state_, one_.view, count, ids_.data());
  const auto bring = [&](void* to, const void* from, int64_t bytes) {
    state_.copyRows({static_cast<unsigned char*>(to), bytes},
                    {static_cast<unsigned char*>(const_cast<void*>(from)), bytes}, bytes, 1);
  };
  bring(request_.ids + first * m, ids_.data(), count * m * static_cast<int64_t>(sizeof(int64_t)));
  if (request_.distances == nullptr) return;
  bring(request_.distances + first * m, one_.view.distances, count * m * kFloat);
}

void Group::search(int64_t first, int64_t count, FirstBadRow& bad_base, FirstBadRow& bad_rows) {
  const ConstMatrix rows = rowsFrom(first, count);
  clearLists(state_, one_.view, count);
  RowChunks pieces(state_, request_.base, {nullptr, 0, 0, 0}, bytesOfBaseRow(request_.base.cols));
  for (RowChunk piece; pieces.next(piece);) searchPiece(piece, rows, first, bad_base, bad_rows);
  pieces.finish();
  bad_base.check(request_.base_name);
  bad_rows.check(request_.rows_name);
  bringHome(first, count);
}

}  // namespace

bool keepsBase(CudaState& state, ConstMatrix base) {
  const bool copied = base.rows > 0 && base.cols > 0 && state.placeOf(base.data) == Place::host;
  const int64_t bytes = bytesOfBaseRow(base.cols) + (copied ? base.cols * kFloat : 0);
  return base.rows <= state.residentBytes() / bytes;
}

void searchInPieces(CudaState& state, const PiecesRequest& request) {
  const int64_t n = request.rows.rows;
  // Half of what may stay: the base's pieces and the coarse pass have the rest.
  const int64_t fitting = state.residentBytes() / 2 / bytesOfGroupRow(request);
  const int64_t most = std::min(n, std::max<int64_t>(fitting, 1));
  FirstBadRow bad_base(state), bad_rows(state);
  Group group(state, request, most);
  int64_t i = 0;
  do {  // the base is looked at even for no rows
    group.search(i, std::min(most, n - i), bad_base, bad_rows);
  } while ((i += most) < n);
  state.synchronize();
}

}  // namespace cuda
}  // namespace dc4j
