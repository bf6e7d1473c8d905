#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/checks.h"

extern "C" dc4j_status dc4j_normalize_rows(dc4j_context* context, const dc4j_matrix* x,
                                           dc4j_matrix* out) {
  return dc4j::guardOn(context, [&](const dc4j::KernelTable& kernels, dc4j::Workers& workers) {
    const dc4j::ConstMatrix in = dc4j::input(workers, x, "x");
    const dc4j::Matrix to = dc4j::output(workers, out, "out");
    dc4j::requireShape(to, "out", in.rows, in.cols);
    // In place is fine, as a row is read before it is written; a shifted copy would not be.
    if (in.data != to.data || in.stride != to.stride) dc4j::requireDisjoint(in, "x", to, "out");
    kernels.normalize_rows(workers, in, to);
  });
}
