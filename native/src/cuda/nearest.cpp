// The m nearest rows of base for every query, certified (search.h). queries [q x d], base [n x d].
// Ties: lowest row. Distances: direct fp64 differences. Judges: reference/nearest.cpp,
// nearest_self.cpp, same bits. A base too large for the device goes through it in pieces.
#include "cuda/arguments.h"
#include "cuda/search_pieces.h"
#include "cuda/search_results.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

void nearest(Workers& workers, ConstMatrix queries, ConstMatrix base, int64_t neighbours,
             const int64_t* exclude, int64_t* ids, float* distances) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const int64_t* excluded = device.in(exclude, queries.rows);
  if (!keepsBase(state, base)) {
    return searchInPieces(
        state, {queries, "queries", base, "base", neighbours, {excluded}, ids, distances});
  }
  const ConstMatrix rows = device.in(base);
  const SearchRequest request = {queries, "queries", rows, "base", neighbours, {excluded}};
  const int64_t results = queries.rows * neighbours;
  const NeighbourResults to = {rows, neighbours, device.out(ids, results),
                               device.out(distances, results)};
  search(state, request, [&](const SearchResult& result) { writeNeighbours(state, result, to); });
  device.finish();
}

void nearest_self(Workers& workers, ConstMatrix x, int64_t neighbours, bool itself, int64_t* ids,
                  float* distances) {
  CudaState& state = CudaState::of(workers);
  if (!keepsBase(state, x)) {
    return searchInPieces(state, {x, "x", x, "x", neighbours, {nullptr, !itself}, ids, distances});
  }
  Arguments device(state, Place::device);
  const ConstMatrix rows = device.in(x);
  const SearchRequest request = {rows, "x", rows, "x", neighbours, {nullptr, !itself}};
  const int64_t results = x.rows * neighbours;
  const NeighbourResults to = {rows, neighbours, device.out(ids, results),
                               device.out(distances, results)};
  search(state, request, [&](const SearchResult& result) { writeNeighbours(state, result, to); });
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
