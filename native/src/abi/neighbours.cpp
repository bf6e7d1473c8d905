#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/checks.h"

using namespace dc4j;

extern "C" dc4j_status dc4j_nearest(dc4j_context* context, const dc4j_matrix* queries,
                                    const dc4j_matrix* base, int64_t neighbours,
                                    const int64_t* exclude, int64_t* ids, float* distances) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix from = input(queries, "queries"), to = input(base, "base");
    requireCols(to, "base", from.cols);
    if (neighbours < 1 || (from.rows > 0 && neighbours > INT64_MAX / 16 / from.rows)) {
      invalid(text("neighbours is ", neighbours, "; accepted: >= 1, [queries x neighbours] within ",
                   "the address space"));
    }
    requirePointer(ids, "ids", from.rows);
    if (exclude != nullptr) requireExcluded(exclude, from.rows, to.rows);
    const ConstMatrix squared = rowOf(distances, from.rows * neighbours);
    requireDisjoint(squared, "distances", from, "queries");
    requireDisjoint(squared, "distances", to, "base");
    kernels.nearest(workers, from, to, neighbours, exclude, ids, distances);
  });
}
