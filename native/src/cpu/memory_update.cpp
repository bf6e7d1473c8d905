// c_y <- normalize(w c_y + (1 - w) x_i), sample after sample in batch order, or once per label with
// the sample of smallest dot product with the c_y before the call. memory [k x d], x [n x d].
// Memory bound: reads x and the named rows of the memory, writes those. Samples of one label follow
// one another, labels are independent: threads share the labels and the bits are those of the
// batch order. Weights are fp32, so that their products are exact in fp64, and the mix is rounded
// to fp32 before its norm (exactDot): the reference's bits on every tier.
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "core/label_groups.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

/** mixed [d] is scratch. A mix of length 0 points nowhere: c stays as it is. */
void mixIn(const float* x, double old_weight, double new_weight, int64_t d, float* mixed,
           float* c) {
  for (int64_t t = 0; t < d; t++) {
    mixed[t] = static_cast<float>(old_weight * static_cast<double>(c[t]) +
                                  new_weight * static_cast<double>(x[t]));
  }
  const double squares = exactDot(mixed, mixed, d);
  if (!(squares > 0)) return;
  const double scale = 1 / std::sqrt(squares);
  for (int64_t t = 0; t < d; t++) c[t] = static_cast<float>(static_cast<double>(mixed[t]) * scale);
}

int64_t hardestOf(ConstMatrix x, const float* c, const int64_t* rows, int64_t count) {
  int64_t hardest = rows[0];
  double smallest = exactDot(x.row(hardest), c, x.cols);
  for (int64_t r = 1; r < count; r++) {
    const double dot = exactDot(x.row(rows[r]), c, x.cols);
    if (dot < smallest) {
      smallest = dot;
      hardest = rows[r];
    }
  }
  return hardest;
}

}  // namespace

void memory_update(Workers& workers, Matrix memory, ConstMatrix x, const int32_t* labels,
                   bool hardest, float old_weight, float new_weight) {
  const int64_t d = x.cols;
  const LabelGroups groups(labels, x.rows);
  FirstRow bad_row, bad_entry;
  workers.forRows(x.rows, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      if (!finiteRow(x.row(i), d)) bad_row.report(i);
    }
  });
  if (bad_row.row() >= 0) notFinite("x", bad_row.row());
  workers.forRows(groups.count(), 16, [&](int64_t begin, int64_t end, int) {
    for (int64_t g = begin; g < end; g++) {
      if (!finiteRow(memory.row(groups.label(g)), d)) bad_entry.report(groups.label(g));
    }
  });
  if (bad_entry.row() >= 0) notFinite("memory", bad_entry.row());
  Buffer<float> mixed(workers.threads() * d);
  workers.forEach(groups.count(), [&](int64_t g, int worker) {
    float *c = memory.row(groups.label(g)), *scratch = mixed.data() + worker * d;
    const int64_t* rows = groups.rows(g);
    const int64_t count = groups.size(g);
    const int64_t only = hardest ? hardestOf(x, c, rows, count) : -1;
    for (int64_t r = 0; r < count; r++) {
      if (hardest && rows[r] != only) continue;
      mixIn(x.row(rows[r]), static_cast<double>(old_weight), static_cast<double>(new_weight), d,
            scratch, c);
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
