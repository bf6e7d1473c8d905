// loss = (1/n') sum_i u/w with u = |x_i - c_first|, v = |x_i - c_second|, w = sqrt(v^2 +
// epsilon^2); gradient_i = (1/n') (a / (max(u, epsilon) w) - u b / w^3), a, b the two differences.
// x, gradient [n x d]; a warp a row. Memory bound: reads 12 n d bytes (the centroids by label),
// writes 4 n d. fp64 throughout, rounded once; terms are added in a fixed order. Judge:
// reference/ratio_loss.cpp, within one unit of the last place.
#include <cmath>

#include "cuda/arguments.h"
#include "cuda/exact_score.h"
#include "cuda/first_bad_row.h"
#include "cuda/loss_terms.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

struct RatioLoss {
  ConstMatrix centroids;
  const int32_t *first, *second;  // [n], of all rows
  double epsilon;
  const int64_t* count;  // n'
  double* terms;         // [n]
  int64_t *bad_row, *bad_centroid;
};

__device__ inline bool isFinite(const float* row, int64_t d) {
  bool finite = true;
  for (int64_t t = laneOf(); t < d; t += kWarp) finite = finite && isfinite(row[t]);
  return ballotOfWarp(!finite) == 0;
}

__device__ inline bool areEqual(const float* a, const float* b, int64_t d) {
  bool equal = true;
  for (int64_t t = laneOf(); t < d; t += kWarp) equal = equal && a[t] == b[t];
  return ballotOfWarp(!equal) == 0;
}

__device__ inline void reportUnless(bool finite, int64_t* bad, int64_t row) {
  if (!finite && laneOf() == 0) atomicLeast(bad, row);
}

__device__ inline void clear(float* to, int64_t d) {
  for (int64_t t = laneOf(); t < d && to != nullptr; t += kWarp) to[t] = 0;
}

/** The term of row i (of all rows), in every lane; its gradient into `to` unless that is NULL. */
__device__ double termOf(const float* x, const RatioLoss& call, int64_t i, float* to) {
  const int64_t d = call.centroids.cols, first = call.first[i], second = call.second[i];
  if (first < 0 || second < 0) {
    reportUnless(isFinite(x, d), call.bad_row, i);
    clear(to, d);
    return 0;
  }
  const float *near = rowAt(call.centroids, first), *far = rowAt(call.centroids, second);
  // Squares of fp32 values cannot overflow fp64: not finite means an input is not.
  const double u2 = exactSquaredDistance(x, near, d), v2 = exactSquaredDistance(x, far, d);
  if (!isfinite(u2) || !isfinite(v2)) {
    reportUnless(isFinite(x, d), call.bad_row, i);
    reportUnless(isFinite(near, d), call.bad_centroid, first);
    reportUnless(isFinite(far, d), call.bad_centroid, second);
    return 0;
  }
  if (u2 == v2 && areEqual(near, far, d)) {
    clear(to, d);
    return 1;
  }
  const double u = sqrt(u2), w = sqrt(v2 + call.epsilon * call.epsilon);
  const double share = static_cast<double>(*call.count);
  const double length = u > call.epsilon ? u : call.epsilon;
  const double pull = 1 / (length * w * share), push = u / w / w / w / share;
  for (int64_t t = laneOf(); t < d && to != nullptr; t += kWarp) {
    const double value = x[t];
    to[t] = static_cast<float>(pull * (value - near[t]) - push * (value - far[t]));
  }
  return u / w;
}

__global__ void ratioLossKernel(ConstMatrix x, int64_t begin, RatioLoss call, Matrix gradient) {
  for (int64_t i = warpOfGrid(); i < x.rows; i += warpsOfGrid()) {
    float* to = gradient.data == nullptr ? nullptr : rowAt(gradient, i);
    const double term = termOf(rowAt(x, i), call, begin + i, to);
    if (laneOf() == 0) call.terms[begin + i] = term;
  }
}

void ratio_loss(Workers& workers, ConstMatrix x, ConstMatrix centroids, const int32_t* first,
                const int32_t* second, double epsilon, Matrix gradient, double* loss) {
  CudaState& state = CudaState::of(workers);
  const int64_t n = x.rows;
  Arguments device(state, Place::device);
  FirstBadRow bad_row(state), bad_centroid(state);
  const DeviceArray<int64_t> count(state, 1);
  const DeviceArray<double> terms(state, n), total(state, 1);
  const RatioLoss call = {
      device.in(centroids), device.in(first, n), device.in(second, n), epsilon,
      count.data(),         terms.data(),        bad_row.data(),       bad_centroid.data()};
  double* const result = device.out(loss, 1);
  countKept(state, call.first, call.second, n, count.data());
  RowChunks chunks(state, x, gradient, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    DC4J_LAUNCH(ratioLossKernel, blocksForLoop(chunk.x.rows, kBlock / kWarp), kBlock, 0,
                state.stream(), chunk.x, chunk.first, call, chunk.out);
  }
  sumInOrder(state, terms.data(), n, total.data());
  meanOf(state, total.data(), count.data(), result);
  chunks.finish();
  bad_row.check("x");
  bad_centroid.check("centroids");
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
