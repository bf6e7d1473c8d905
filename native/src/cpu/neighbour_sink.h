// Writes the neighbours a search finds, with their distances.
#pragma once
#include <cmath>

#include "cpu/exact_score.h"
#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class NeighbourSink final : public SearchSink {
 public:
  NeighbourSink(ConstMatrix queries, ConstMatrix base, int64_t neighbours, int64_t* ids,
                float* distances)
      : queries_(queries), base_(base), neighbours_(neighbours), ids_(ids), distances_(distances) {}

  void take(int64_t row, const int64_t* ids, int64_t found) const override {
    for (int64_t p = 0; p < neighbours_; p++) {
      const int64_t id = p < found ? ids[p] : -1;
      ids_[row * neighbours_ + p] = id;
      if (distances_ == nullptr) continue;
      distances_[row * neighbours_ + p] = id < 0
                                              ? INFINITY
                                              : static_cast<float>(exactSquaredDistance(
                                                    queries_.row(row), base_.row(id), base_.cols));
    }
  }

 private:
  ConstMatrix queries_, base_;
  int64_t neighbours_;
  int64_t* ids_;
  float* distances_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
