// centroids[j] = mean of the rows labelled j in 64-bit fixed point, with max |x| and the moves of
// sums that share it. x [n x d], centroids [k x d]; n d additions of 64-bit integers, whose order
// does not matter.
// Judges: reference/kmeans_update.cpp, kmeans_move.cpp, kmeans_means.cpp, largest_magnitude.cpp,
// same bits.
#include <cmath>

#include "core/fixed_point.h"
#include "cuda/arguments.h"
#include "cuda/fixed_sums.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;

/** fixedPointMean of every entry; clusters without rows keep their centroid. */
__global__ void writeMeansKernel(FixedSums from, double unit, Matrix centroids) {
  for (int64_t j = warpOfGrid(); j < centroids.rows; j += warpsOfGrid()) {
    const int64_t count = from.counts[j];
    if (count == 0) continue;
    for (int64_t t = laneOf(); t < centroids.cols; t += kWarp) {
      const double sum = static_cast<double>(from.sums[j * from.d + t]);
      rowAt(centroids, j)[t] = static_cast<float>(sum * unit / static_cast<double>(count));
    }
  }
}

void largest_magnitude(Workers& workers, ConstMatrix x, const char* name, float* largest) {
  CudaState& state = CudaState::of(workers);
  FirstBadRow bad(state);
  const float value = largestMagnitude(state, x, bad);
  bad.check(name);
  *largest = value;
}

void kmeans_move(Workers& workers, ConstMatrix x, const int32_t* before, const int32_t* after,
                 int64_t clusters, int shift, int64_t* sums, int64_t* counts, int64_t* moved) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  DeviceArray<int64_t> changed(state, 1);
  changed.fill(0);
  const int32_t *from = device.in(before, x.rows), *into = device.in(after, x.rows);
  const FixedSums to = {device.inOut(sums, clusters * x.cols), device.inOut(counts, clusters),
                        x.cols, std::ldexp(1.0, shift)};
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    moveRows(state, chunk.x, from + chunk.first, into + chunk.first, to, changed.data());
  }
  chunks.finish();
  device.finish();
  state.copy(moved, changed.data(), sizeof(int64_t));
}

static void writeMeans(CudaState& state, const FixedSums& from, double unit, Matrix centroids) {
  DC4J_LAUNCH(writeMeansKernel, blocksForLoop(centroids.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), from, unit, centroids);
}

void kmeans_means(Workers& workers, const int64_t* sums, const int64_t* counts, int shift,
                  Matrix centroids) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const int64_t k = centroids.rows, d = centroids.cols;
  // Read only.
  const FixedSums from = {const_cast<int64_t*>(device.in(sums, k * d)),
                          const_cast<int64_t*>(device.in(counts, k)), d, 0};
  writeMeans(state, from, std::ldexp(1.0, -shift), device.inOut(centroids));
  device.finish();
}

void kmeans_update(Workers& workers, ConstMatrix x, const int32_t* labels, Matrix centroids,
                   int64_t* counts) {
  CudaState& state = CudaState::of(workers);
  FirstBadRow bad(state);
  const float largest = largestMagnitude(state, x, bad);
  bad.check("x");
  const int shift = fixedPointShift(x.rows, largest);
  const int64_t k = centroids.rows;
  Arguments device(state, Place::device);
  const Matrix means = device.inOut(centroids);
  DeviceArray<int64_t> sums(state, k * x.cols), kept(state, k);
  sums.fill(0);
  kept.fill(0);
  const FixedSums to = {sums.data(), kept.data(), x.cols, std::ldexp(1.0, shift)};
  const int32_t* into = device.in(labels, x.rows);
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, static_cast<int64_t>(sizeof(int64_t)));
  for (RowChunk chunk; chunks.next(chunk);) {
    addSorted(state, chunk.x, into + chunk.first, k, to);
  }
  chunks.finish();
  writeMeans(state, to, std::ldexp(1.0, -shift), means);
  device.finish();
  state.copy(counts, kept.data(), k * static_cast<int64_t>(sizeof(int64_t)));
}

}  // namespace cuda
}  // namespace dc4j
