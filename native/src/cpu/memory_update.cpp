// c_y <- normalize(w c_y + (1 - w) x_i), sample after sample in batch order, or once per label with
// the sample of smallest dot product with the c_y before the call. memory [k x d], x [n x d].
// Reads x and the named rows of the memory, writes those, each once. The norm is summed while the
// mix is written, and a row that is not finite is seen by that sum. Samples of one label follow one
// another, labels are independent: threads share the labels, in one round of the pool (waking it
// costs as much as dozens of rows), and the bits are those of the batch order. The mix is fp32 with
// every product rounded (this file is compiled without fused multiply-adds), its norm an exactDot:
// the reference's bits on every tier.
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

constexpr int64_t kGrain = 8;  // labels

/** mixed[t] = old_weight c[t] + new_weight x[t]; returns their sum of squares, with the bits of
 * exactDot(mixed, mixed). */
double mix(const float* x, float old_weight, float new_weight, int64_t d, const float* c,
           float* mixed) {
  Doubles sum[kExactRegisters] = {};
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
#pragma GCC unroll 16
    for (int r = 0; r < kExactRegisters; r++) {
      const int64_t at = t + r * kDoubles;
      const Halves value = old_weight * *reinterpret_cast<const HalfFloats*>(c + at) +
                           new_weight * *reinterpret_cast<const HalfFloats*>(x + at);
      *reinterpret_cast<HalfFloats*>(mixed + at) = value;
      const Doubles wide = __builtin_convertvector(value, Doubles);
      sum[r] += wide * wide;
    }
  }
  return foldLanes(sum, t < d, [&](double* lane) {
    for (int l = 0; t < d; t++, l++) {
      mixed[t] = old_weight * c[t] + new_weight * x[t];
      lane[l] += static_cast<double>(mixed[t]) * static_cast<double>(mixed[t]);
    }
  });
}

/** c = mixed / |mixed|, `squares` being |mixed|^2. A mix of length 0 points nowhere: c stays. */
void replace(const float* mixed, double squares, int64_t d, float* c) {
  if (!(squares > 0)) return;
  const double scale = 1 / std::sqrt(squares);
  int64_t t = 0;
  for (; t + 32 <= d; t += 32) {
#pragma GCC unroll 16
    for (int r = 0; r < kExactRegisters; r++) {
      const int64_t at = t + r * kDoubles;
      *reinterpret_cast<HalfFloats*>(c + at) =
          __builtin_convertvector(widen(mixed + at) * scale, Halves);
    }
  }
  for (; t < d; t++) c[t] = static_cast<float>(static_cast<double>(mixed[t]) * scale);
}

/** One call's data, and what it found to be wrong with it. */
struct Update {
  const Matrix memory;
  const ConstMatrix x;
  const float old_weight, new_weight;
  FirstRow bad_sample, bad_entry;

  bool soundSample(int64_t sample) {
    if (finiteRow(x.row(sample), x.cols)) return true;
    bad_sample.report(sample);
    return false;
  }

  /** Whether sample and entry are finite, after a sum over them was not. */
  bool sound(int64_t sample, int64_t entry) {
    if (!soundSample(sample)) return false;
    if (finiteRow(memory.row(entry), x.cols)) return true;
    bad_entry.report(entry);
    return false;
  }

  /** All samples of an entry in batch order; mixed [d] is scratch. */
  void takeAll(int64_t entry, const int64_t* rows, int64_t count, float* mixed) {
    float* c = memory.row(entry);
    bool usable = true;
    for (int64_t r = 0; r < count; r++) {
      const double squares =
          usable ? mix(x.row(rows[r]), old_weight, new_weight, x.cols, c, mixed) : NAN;
      // A later sample may meet an entry that a mix beyond fp32 made infinite: the rule has no
      // exception for it, and it is no input.
      if (!std::isfinite(squares)) usable &= r > 0 ? soundSample(rows[r]) : sound(rows[r], entry);
      if (usable) replace(mixed, squares, x.cols, c);
    }
  }

  /** The sample of smallest dot product alone. */
  void takeHardest(int64_t entry, const int64_t* rows, int64_t count, float* mixed) {
    float* c = memory.row(entry);
    int64_t hardest = rows[0];
    double smallest = INFINITY;
    bool usable = true;
    for (int64_t r = 0; r < count; r++) {
      const double dot = exactDot(x.row(rows[r]), c, x.cols);
      if (!std::isfinite(dot)) usable &= sound(rows[r], entry);
      if (dot < smallest) {
        smallest = dot;
        hardest = rows[r];
      }
    }
    if (!usable) return;
    replace(mixed, mix(x.row(hardest), old_weight, new_weight, x.cols, c, mixed), x.cols, c);
  }
};

}  // namespace

void memory_update(Workers& workers, Matrix memory, ConstMatrix x, const int32_t* labels,
                   bool hardest, float old_weight, float new_weight) {
  if (x.rows == 0) return;
  const LabelGroups groups(labels, x.rows);
  Update update = {memory, x, old_weight, new_weight, {}, {}};
  Buffer<float> mixed(workers.threads() * x.cols);
  workers.forRows(groups.count(), kGrain, [&](int64_t begin, int64_t end, int worker) {
    float* scratch = mixed.data() + worker * x.cols;
    for (int64_t g = begin; g < end; g++) {
      if (hardest) {
        update.takeHardest(groups.label(g), groups.rows(g), groups.size(g), scratch);
      } else {
        update.takeAll(groups.label(g), groups.rows(g), groups.size(g), scratch);
      }
    }
  });
  for (int64_t i = 0; i < x.rows; i++) {
    if (labels[i] < 0) update.soundSample(i);
  }
  if (update.bad_sample.row() >= 0) notFinite("x", update.bad_sample.row());
  if (update.bad_entry.row() >= 0) notFinite("memory", update.bad_entry.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
