// centroids[j] = mean of the rows labelled j in 64-bit fixed point (core/fixed_point.h); clusters
// without rows keep theirs. x [n x d], centroids [k x d]. Two passes over x (the first finds max
// |x|), n d integer additions. Judge: reference/kmeans_update.cpp, same bits.
#include "core/fixed_point.h"
#include "cpu/label_sums.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void kmeans_update(Workers& workers, ConstMatrix x, const int32_t* labels, Matrix centroids,
                   int64_t* counts) {
  float largest = 0;
  largest_magnitude(workers, x, "x", &largest);
  const int shift = fixedPointShift(x.rows, largest);
  const double unit = std::ldexp(1.0, -shift);
  const LabelSums sums(workers, x, labels, centroids.rows, shift);
  for (int64_t j = 0; j < centroids.rows; j++) counts[j] = sums.count(j);
  sums.each(workers, [&](int64_t j, int64_t column, int64_t columns, const int64_t* sum) {
    meanOfRows(sum, columns, unit, counts[j], centroids.row(j) + column);
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
