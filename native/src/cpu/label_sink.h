// Writes the labels a search finds, with distances to the centroids and their sum.
#pragma once
#include "core/exact_score.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class LabelSink final : public SearchSink {
 public:
  /** distances [n] or NULL. */
  LabelSink(ConstMatrix x, ConstMatrix centroids, int32_t* labels, float* distances, bool summed)
      : x_(x),
        centroids_(centroids),
        labels_(labels),
        distances_(distances),
        summed_(summed),
        exact_(summed ? x.rows : 0) {}

  void take(int64_t row, const int64_t* ids, const double*, int64_t) const override {
    put(row, ids[0]);
  }

  void put(int64_t row, int64_t label) const {
    labels_[row] = static_cast<int32_t>(label);
    if (distances_ == nullptr && !summed_) return;
    const double distance =
        DC4J_TIER::exactSquaredDistance(x_.row(row), centroids_.row(label), x_.cols);
    if (distances_ != nullptr) distances_[row] = static_cast<float>(distance);
    if (summed_) exact_[row] = distance;
  }

  /** The objective, once every row was put: over blocks of rows in order, blocks in order. */
  double sum() const {
    double total = 0;
    for (int64_t begin = 0; begin < x_.rows; begin += kObjectiveBlock) {
      double block = 0;
      for (int64_t i = begin; i < x_.rows && i < begin + kObjectiveBlock; i++) block += exact_[i];
      total += block;
    }
    return total;
  }

 private:
  ConstMatrix x_, centroids_;
  int32_t* labels_;
  float* distances_;
  bool summed_;
  Buffer<double> exact_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
