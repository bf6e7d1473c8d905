// first[i], second[i] = the two lowest (exact score, j), certified (search.h). x [n x d], centroids
// [k x d], k >= 2; n k d fp32 multiply-adds. Distances: direct fp64 differences. Judge:
// reference/kmeans_assign2.cpp, same bits.
#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

class PairSink final : public SearchSink {
 public:
  PairSink(int32_t* const labels[2], float* const distances[2])
      : labels_{labels[0], labels[1]}, distances_{distances[0], distances[1]} {}

  bool takesSquared() const override {
    return distances_[0] != nullptr || distances_[1] != nullptr;
  }
  void take(int64_t row, const int64_t* ids, const double* squared, int64_t) const override {
    for (int p = 0; p < 2; p++) {
      labels_[p][row] = static_cast<int32_t>(ids[p]);
      if (distances_[p] != nullptr) distances_[p][row] = static_cast<float>(squared[p]);
    }
  }

 private:
  int32_t* labels_[2];
  float* distances_[2];
};

}  // namespace

void kmeans_assign2(Workers& workers, ConstMatrix x, ConstMatrix centroids, int32_t* first,
                    int32_t* second, float* first_distances, float* second_distances) {
  int32_t* const labels[2] = {first, second};
  float* const distances[2] = {first_distances, second_distances};
  search(workers, {x, "x", centroids, "centroids", 2, nullptr, nullptr},
         PairSink(labels, distances));
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
