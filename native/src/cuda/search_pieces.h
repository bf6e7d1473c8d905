// Neighbours among a base that does not fit on the device: rows in groups that do, and through each
// group the base in pieces, each copied while the one before is searched. A row's best m so far are
// kept with their distances and merged with those of every piece; the results are those of one
// search, bit for bit, as scores do not depend on pieces and ties go by the row of the base.
#pragma once
#include "core/view.h"
#include "cuda/search.h"

namespace dc4j {
namespace cuda {

/** Matrices and results are of either place. */
struct PiecesRequest {
  ConstMatrix rows;
  const char* rows_name;
  ConstMatrix base;
  const char* base_name;
  int64_t neighbours;  // m >= 1
  Wanted wanted;
  int64_t* ids;      // [rows x m]
  float* distances;  // [rows x m] or NULL
};

/** Whether a search keeps all of a base on the device, by the memory that was free at the start. */
bool keepsBase(CudaState& state, ConstMatrix base);

/** Complete on return; throws DC4J_NOT_FINITE for base, then for rows. */
void searchInPieces(CudaState& state, const PiecesRequest& request);

/** The best m of rows so far, nearest first, filled up with {INFINITY, -1}. */
struct NeighbourLists {
  Scored* best;      // [rows x m]
  float* distances;  // [rows x m] or NULL
  int64_t neighbours;
};

/** Fills the lists of rows with none. */
void clearLists(CudaState& state, const NeighbourLists& lists, int64_t rows);

/** What a piece adds to the lists of a chunk's rows. */
struct PieceResult {
  SearchResult found;  // ids within the piece
  ConstMatrix piece;
  int64_t first;  // its first row in the base
  int64_t row;    // the chunk's first row in the lists
};

/** to = the best of `from` and of the piece's. */
void mergeLists(CudaState& state, const PieceResult& result, const NeighbourLists& from,
                const NeighbourLists& to);

/** ids [rows x m] of lists. */
void readIds(CudaState& state, const NeighbourLists& lists, int64_t rows, int64_t* ids);

}  // namespace cuda
}  // namespace dc4j
