// Writes the neighbours a search finds, with their distances.
#pragma once
#include <cmath>

#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class NeighbourSink final : public SearchSink {
 public:
  NeighbourSink(int64_t neighbours, int64_t* ids, float* distances)
      : neighbours_(neighbours), ids_(ids), distances_(distances) {}

  bool takesSquared() const override { return distances_ != nullptr; }
  void take(int64_t row, const int64_t* ids, const double* squared, int64_t found) const override {
    for (int64_t p = 0; p < neighbours_; p++) {
      ids_[row * neighbours_ + p] = p < found ? ids[p] : -1;
      if (distances_ == nullptr) continue;
      distances_[row * neighbours_ + p] = p < found ? static_cast<float>(squared[p]) : INFINITY;
    }
  }

 private:
  int64_t neighbours_;
  int64_t* ids_;
  float* distances_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
