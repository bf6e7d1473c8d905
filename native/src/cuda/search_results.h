// What the users of a search write of its results; all pointers are on the device, all is queued.
#pragma once
#include "cuda/search.h"

namespace dc4j {
namespace cuda {

/** Labels of the place-th nearest, [n] from the first row of the whole. */
struct LabelResults {
  ConstMatrix centroids;
  int place;
  int32_t* labels;
  float* distances;  // direct squared distances, or NULL
  double* exact;     // the same before rounding, or NULL
};

void writeLabels(CudaState& state, const SearchResult& result, const LabelResults& to);

/** The distances of a chunk's rows to the centroids that labels already names. */
void writeDistances(CudaState& state, const RowChunk& chunk, const LabelResults& to);

/** Sum of exact [n] over blocks of kObjectiveBlock rows in order, blocks in order. */
void sumInBlocks(CudaState& state, const double* exact, int64_t n, double* sum);

struct NeighbourResults {
  ConstMatrix base;
  int64_t neighbours;  // m, as asked for
  int64_t* ids;        // [n x m]
  float* distances;    // [n x m] or NULL
};

void writeNeighbours(CudaState& state, const SearchResult& result, const NeighbourResults& to);

}  // namespace cuda
}  // namespace dc4j
