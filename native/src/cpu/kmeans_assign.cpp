// labels[i] = argmin_j |c_j|^2 - 2 x_i.c_j, certified (search.h). x [n x d], centroids [k x d]; n k
// d fp32 multiply-adds. Ties: lowest j. Distances: direct fp64 differences of the chosen pair;
// objective: their sum over blocks of 1024 rows in order, blocks in order. Judge:
// reference/kmeans_assign.cpp, same bits.
#include "core/exact_score.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/search.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

class LabelSink final : public SearchSink {
 public:
  LabelSink(ConstMatrix x, ConstMatrix centroids, int32_t* labels, float* distances, double* exact)
      : x_(x), centroids_(centroids), labels_(labels), distances_(distances), exact_(exact) {}

  void take(int64_t row, const int64_t* ids, int64_t) const override {
    labels_[row] = static_cast<int32_t>(ids[0]);
    if (distances_ == nullptr && exact_ == nullptr) return;
    const double distance =
        DC4J_TIER::exactSquaredDistance(x_.row(row), centroids_.row(ids[0]), x_.cols);
    if (distances_ != nullptr) distances_[row] = static_cast<float>(distance);
    if (exact_ != nullptr) exact_[row] = distance;
  }

 private:
  ConstMatrix x_, centroids_;
  int32_t* labels_;
  float* distances_;
  double* exact_;
};

}  // namespace

void kmeans_assign(Workers& workers, ConstMatrix x, ConstMatrix centroids, const int32_t* hints,
                   int32_t* labels, float* distances, double* objective) {
  Buffer<double> exact(objective == nullptr ? 0 : x.rows);
  const LabelSink sink(x, centroids, labels, distances,
                       objective == nullptr ? nullptr : exact.data());
  search(workers, {x, "x", centroids, "centroids", 1, nullptr, hints}, sink);
  if (objective == nullptr) return;
  double total = 0;
  for (int64_t begin = 0; begin < x.rows; begin += kObjectiveBlock) {
    double block = 0;
    for (int64_t i = begin; i < x.rows && i < begin + kObjectiveBlock; i++) block += exact[i];
    total += block;
  }
  *objective = total;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
