// loss = (1/n') sum_i (log sum_j exp z_ij - z_{i y_i}), z_ij = x_i.c_j / temperature; gradient_i =
// 1 / (n' temperature) (sum_j softmax_ij c_j - c_{y_i}). x, gradient [n x d], memory [k x d]; 4 n k
// d multiply-adds in tiles, fp32 or (Precision::fast, with AVX-512 BF16) of 16-bit factors; C is
// read once per kRowsAtOnce rows, never n x k: memory_softmax.h has how, and what it keeps instead
// (d fp32 sums and kMemoryBlock scores per row).
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
#include "cpu/search_format.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kRowsAtOnce = 256;

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
          double temperature, bool fast, Matrix gradient)
      : workers_(workers),
        x_(x),
        memory_(memory),
        labels_(labels),
        temperature_(temperature),
        gradient_(gradient),
        positive_(kRowsAtOnce),
        least_(kRowsAtOnce),
        terms_(x.rows),
        softmax_(workers, memory, x.rows < kRowsAtOnce ? x.rows : kRowsAtOnce,
                 static_cast<float>(1 / temperature), fast, gradient.data != nullptr) {}

  /** Sweeps over the memory, one for every kRowsAtOnce rows; throws where it is not finite. Stops
   * after the first where its range does not suit: returns its largest magnitude. */
  float sweep() {
    for (int64_t i = 0; i < x_.rows; i++) count_ += labels_[i] >= 0;
    Buffer<float> largest(workers_.threads());
    for (int w = 0; w < workers_.threads(); w++) largest[w] = 0;
    FirstRow bad;
    const MemoryRange range = {&bad, largest.data()};
    float result = 0;
    for (int64_t begin = 0; begin < x_.rows; begin += kRowsAtOnce) {
      const int64_t left = x_.rows - begin, rows = left < kRowsAtOnce ? left : kRowsAtOnce;
      positives(begin, rows);
      softmax_.run({{x_.row(begin), rows, x_.cols, x_.stride}, labels_ + begin, least_.data()},
                   begin == 0 ? &range : nullptr);
      if (begin == 0) {
        if (bad.row() >= 0) notFinite("memory", bad.row());
        for (int w = 0; w < workers_.threads(); w++) {
          if (largest[w] > result) result = largest[w];
        }
        if (outOfRange(result)) break;
      }
      workers_.forRows(rows, 8, [&](int64_t from, int64_t to, int) {
        for (int64_t i = from; i < to; i++) terms_[begin + i] = finishRow(begin, i);
      });
    }
    return result;
  }

  /** After the sweep, which writes the gradient. */
  double loss() const {
    double sum = 0;
    for (int64_t i = 0; i < x_.rows; i++) sum += terms_[i];
    return count_ > 0 ? sum / count_ : 0;
  }

 private:
  void positives(int64_t begin, int64_t rows) {
    workers_.forRows(rows, 8, [&](int64_t from, int64_t to, int) {
      for (int64_t i = from; i < to; i++) {
        const int64_t label = labels_[begin + i];
        positive_[i] = label < 0 ? 0 : exactDot(x_.row(begin + i), memory_.row(label), x_.cols);
        // Never above the positive: at large logits rounding up alone would leave it no weight.
        least_[i] = static_cast<float>(positive_[i]);
        if (static_cast<double>(least_[i]) > positive_[i]) {
          least_[i] = std::nextafterf(least_[i], -INFINITY);
        }
      }
    });
  }

  /** The loss of row begin + i, row i of its group; its gradient unless nobody wants it. */
  double finishRow(int64_t begin, int64_t i) {
    const int64_t d = x_.cols, label_row = labels_[begin + i];
    float* to = softmax_.withPooled() ? gradient_.row(begin + i) : nullptr;
    if (label_row < 0) {
      for (int64_t t = 0; t < d && to != nullptr; t++) to[t] = 0;
      return 0;
    }
    const double largest = static_cast<double>(softmax_.largest(i)), others = softmax_.sum(i);
    const double shifted = (positive_[i] - largest) / temperature_, label = std::exp(shifted);
    const double sum = others + label, share = 1 / (sum * count_ * temperature_);
    const float* own = memory_.row(label_row);
    for (int64_t t = 0; t < d && to != nullptr; t++) {
      const double pooled = static_cast<double>(softmax_.pooled(i, t));
      to[t] = static_cast<float>(share * (pooled - others * static_cast<double>(own[t])));
    }
    return label > others ? std::log1p(others / label) : std::log(sum) - shifted;
  }

  Workers& workers_;
  ConstMatrix x_, memory_;
  const int32_t* labels_;
  double temperature_, count_ = 0;
  Matrix gradient_;
  Buffer<double> positive_;
  Buffer<float> least_;
  Buffer<double> terms_;
  MemorySoftmax softmax_;
};

}  // namespace

void info_nce(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
              double temperature, Precision precision, Matrix gradient, double* loss) {
  bool plain = outOfRange(rangeOf(x, "x"));
  if (x.rows > 0 && memory.rows > 0 && !plain) {
#if defined(DC4J_BF16)
    const bool fast = precision == Precision::fast && x.cols <= kLargestQuantised;
#else
    const bool fast = false;
#endif
    InfoNce call(workers, x, memory, labels, temperature, fast, gradient);
    plain = outOfRange(call.sweep());
    if (!plain) *loss = call.loss();
  } else {
    plain = true;
  }
  if (!plain) return;
  reference::info_nce(workers, x, memory, labels, temperature, precision, gradient, loss);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
