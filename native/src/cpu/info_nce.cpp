// loss = (1/n') sum_i (log sum_j exp z_ij - z_{i y_i}), z_ij = x_i.c_j / temperature; gradient_i =
// 1 / (n' temperature) (sum_j softmax_ij c_j - c_{y_i}). x, gradient [n x d], memory [k x d]; 4 n k
// d multiply-adds in fp32 tiles (memory_softmax.h), C read once per kRowsAtOnce rows, never n x k:
// 4 d bytes per row and thread beside a packed copy of x.
//
// The memory is cut into pieces whose size follows from k alone, and a round gives every thread one
// piece (of one group of rows, whose bits do not depend on the group); sums of a round's pieces are
// then merged in the order of the pieces: any thread count gives the same bits. Pieces rather than
// rows, because packing C costs the less the more rows share it.
//
// The label's own term stays out of the fp32 sums and is added in fp64: a row whose softmax is
// nearly all at its label keeps an exact gradient. Judge: reference/info_nce.cpp, within fp32
// rounding of the scores. Entries too large or small for fp32 products go there.
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"
#include "cpu/memory_softmax.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kRowsAtOnce = 256;
constexpr int64_t kPieceBlocks = 8;

int64_t ceiling(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** Neither squares nor sums of products leave fp32. */
bool outOfRange(float magnitude) {
  return magnitude > 0 && !(magnitude < 0x1p40f && magnitude > 0x1p-40f);
}

/** max |entry|; throws where one is not finite. */
float rangeOf(ConstMatrix matrix, const char* name) {
  float largest = 0;
  for (int64_t i = 0; i < matrix.rows; i++) {
    const float value = largestMagnitude(matrix.row(i), nullptr, matrix.cols);
    if (std::isnan(value)) notFinite(name, i);
    if (value > largest) largest = value;
  }
  return largest;
}

class InfoNce {
 public:
  InfoNce(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
          double temperature, Matrix gradient)
      : workers_(workers),
        x_(x),
        memory_(memory),
        labels_(labels),
        temperature_(temperature),
        gradient_(gradient),
        panels_(ceiling(x.rows, kTileCols)),
        positive_(x.rows),
        least_(x.rows),
        packed_(panels_ * kTileCols * x.cols),
        total_(panels_, x.cols, withPooled()) {}

  /** One sweep over the memory; throws where it is not finite. Returns its largest magnitude. */
  float sweep() {
    pack();
    sumPieces();
    return memory_range_;
  }

  /** Writes the gradient after the sweep. */
  double loss() {
    double count = 0;
    for (int64_t i = 0; i < x_.rows; i++) count += labels_[i] >= 0;
    Buffer<double> terms(x_.rows);
    workers_.forRows(x_.rows, 8, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) terms[i] = finishRow(i, count);
    });
    double sum = 0;
    for (int64_t i = 0; i < x_.rows; i++) sum += terms[i];
    return count > 0 ? sum / count : 0;
  }

 private:
  bool withPooled() const { return gradient_.data != nullptr; }
  float inverse() const { return static_cast<float>(1 / temperature_); }

  void pack() {
    workers_.forEach(panels_, [&](int64_t g, int) {
      const int64_t begin = g * kTileCols;
      const int64_t rows = x_.rows - begin < kTileCols ? x_.rows - begin : kTileCols;
      packPanel(x_.row(begin), x_.stride, rows, x_.cols, nullptr, kTileCols,
                packed_.data() + begin * x_.cols);
      for (int64_t i = begin; i < begin + rows; i++) {
        const bool counts = labels_[i] >= 0;
        positive_[i] = counts ? exactDot(x_.row(i), memory_.row(labels_[i]), x_.cols) : 0;
        least_[i] = static_cast<float>(positive_[i]);
      }
    });
  }

  /** Panels of x a job has. Few pieces: smaller groups, so that rounds are full. */
  int64_t groupFor(int64_t pieces) const {
    const int64_t most = ceiling(kRowsAtOnce, kTileCols), threads = workers_.threads();
    int64_t group = panels_ < most ? panels_ : most;
    for (;;) {
      const int64_t jobs = ceiling(panels_, group) * pieces;
      const bool uneven = group > 2 && jobs < 4 * threads && jobs % threads != 0;
      if (group == 1 || (jobs >= threads && !uneven)) return group;
      group = (group + 1) / 2;
    }
  }

  void sumPieces() {
    const int64_t blocks = ceiling(memory_.rows, kMemoryBlock), threads = workers_.threads();
    const int64_t piece = ceiling(blocks, ceiling(blocks, kPieceBlocks)) * kMemoryBlock;
    const int64_t pieces = ceiling(memory_.rows, piece);
    const int64_t group = groupFor(pieces), jobs = ceiling(panels_, group) * pieces;
    const int64_t slots = threads < jobs ? threads : jobs, size = MemorySoftmax::scratchSize(group);
    SoftmaxSums parts(slots * group, x_.cols, withPooled());
    Buffer<float> scratch(threads * size), largest(threads);
    for (int64_t w = 0; w < threads; w++) largest[w] = 0;
    FirstRow bad;
    const PackedRows rows = {x_, labels_, least_.data(), packed_.data(), inverse()};
    for (int64_t first = 0; first < jobs; first += slots) {
      const int64_t round = jobs - first < slots ? jobs - first : slots;
      workers_.forEach(round, [&](int64_t slot, int worker) {
        const int64_t panel = (first + slot) / pieces * group;
        const int64_t begin = (first + slot) % pieces * piece;
        const int64_t end = begin + piece < memory_.rows ? begin + piece : memory_.rows;
        const int64_t count = panels_ - panel < group ? panels_ - panel : group;
        MemoryRange range = {&bad, &largest[worker]};
        MemorySoftmax softmax(group, scratch.data() + worker * size);
        softmax.run(rows, memory_, panel, count, begin, end, panel == 0 ? &range : nullptr, parts,
                    slot * group);
      });
      workers_.forEach(panels_, [&](int64_t g, int) {
        for (int64_t slot = 0; slot < round; slot++) {
          const int64_t at = g - (first + slot) / pieces * group;
          if (at < 0 || at >= group) continue;
          total_.merge(g, parts, slot * group + at, (first + slot) % pieces == 0, inverse());
        }
      });
    }
    if (bad.row() >= 0) notFinite("memory", bad.row());
    for (int64_t w = 0; w < threads; w++) {
      if (largest[w] > memory_range_) memory_range_ = largest[w];
    }
  }

  /** The loss of a row; its gradient unless nobody wants it. */
  double finishRow(int64_t i, double count) {
    const int64_t g = i / kTileCols, c = i % kTileCols, d = x_.cols;
    float* to = withPooled() ? gradient_.row(i) : nullptr;
    if (labels_[i] < 0) {
      for (int64_t t = 0; t < d && to != nullptr; t++) to[t] = 0;
      return 0;
    }
    const double largest = static_cast<double>(total_.largest(g)[c]), others = total_.sum(g)[c];
    const double shifted = (positive_[i] - largest) / temperature_, label = std::exp(shifted);
    const double sum = others + label, share = 1 / (sum * count * temperature_);
    const float* own = memory_.row(labels_[i]);
    for (int64_t t = 0; t < d && to != nullptr; t++) {
      const double pooled = total_.pooled(g)[t * kTileCols + c];
      to[t] = static_cast<float>(share * (pooled - others * static_cast<double>(own[t])));
    }
    return label > others ? std::log1p(others / label) : std::log(sum) - shifted;
  }

  Workers& workers_;
  ConstMatrix x_, memory_;
  const int32_t* labels_;
  double temperature_;
  Matrix gradient_;
  int64_t panels_;
  Buffer<double> positive_;
  Buffer<float> least_, packed_;
  SoftmaxSums total_;
  float memory_range_ = 0;
};

}  // namespace

void info_nce(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
              double temperature, Matrix gradient, double* loss) {
  bool plain = outOfRange(rangeOf(x, "x"));
  if (x.rows > 0 && memory.rows > 0 && !plain) {
    InfoNce call(workers, x, memory, labels, temperature, gradient);
    plain = outOfRange(call.sweep());
    if (!plain) *loss = call.loss();
  } else {
    plain = true;
  }
  if (plain) reference::info_nce(workers, x, memory, labels, temperature, gradient, loss);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
