#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/checks.h"

using namespace dc4j;

namespace dc4j {

static void requireNeighbours(int64_t neighbours, int64_t rows, const char* shape) {
  if (neighbours < 1 || (rows > 0 && neighbours > INT64_MAX / 16 / rows)) {
    invalid(text("neighbours is ", neighbours, "; accepted: >= 1, ", shape,
                 " within the address space"));
  }
}

}  // namespace dc4j

extern "C" {

dc4j_status dc4j_nearest(dc4j_context* context, const dc4j_matrix* queries, const dc4j_matrix* base,
                         int64_t neighbours, const int64_t* exclude, int64_t* ids,
                         float* distances) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix from = input(workers, queries, "queries"), to = input(workers, base, "base");
    requireCols(to, "base", from.cols);
    requireNeighbours(neighbours, from.rows, "[queries x neighbours]");
    requirePointer(ids, "ids", from.rows);
    if (exclude != nullptr) requireExcluded(workers, exclude, from.rows, to.rows);
    const ConstMatrix squared = rowOf(distances, from.rows * neighbours);
    requireDisjoint(squared, "distances", from, "queries");
    requireDisjoint(squared, "distances", to, "base");
    kernels.nearest(workers, from, to, neighbours, exclude, ids, distances);
  });
}

dc4j_status dc4j_nearest_self(dc4j_context* context, const dc4j_matrix* x, int64_t neighbours,
                              int32_t itself, int64_t* ids, float* distances) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x");
    requireNeighbours(neighbours, rows.rows, "[rows of x x neighbours]");
    if (itself != 0 && itself != 1) {
      invalid(text("itself is ", itself, "; accepted: 0 (others alone), 1 (the row as well)"));
    }
    requirePointer(ids, "ids", rows.rows);
    requireDisjoint(rowOf(distances, rows.rows * neighbours), "distances", rows, "x");
    kernels.nearest_self(workers, rows, neighbours, itself == 1, ids, distances);
  });
}

}  // extern "C"
