// labels[i] = argmin_j |c_j|^2 - 2 x_i.c_j, certified (search.h), for all slots that assign rows to
// centroids. x [n x d], centroids [k x d]. Ties: lowest j. Distances: direct fp64 differences of
// the chosen pair; objective: their sum over blocks of 1024 rows in order, blocks in order. Judges:
// reference/kmeans_assign.cpp, kmeans_assign2.cpp, same bits.
#include <memory>

#include "cuda/arguments.h"
#include "cuda/device_array.h"
#include "cuda/search_results.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

// Hints are not read: the coarse pass compares all pairs either way.
void kmeans_assign(Workers& workers, ConstMatrix x, ConstMatrix centroids, const int32_t*,
                   int32_t* labels, float* distances, double* objective) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const ConstMatrix means = device.in(centroids);
  const DeviceArray<double> exact(state, objective == nullptr ? 0 : x.rows);
  const LabelResults to = {means, 0, device.out(labels, x.rows), device.out(distances, x.rows),
                           objective == nullptr ? nullptr : exact.data()};
  double* sum = device.out(objective, 1);
  const SearchRequest request = {x, "x", means, "centroids", 1, {nullptr, false, true}};
  search(state, request, [&](const SearchResult& result) { writeLabels(state, result, to); });
  if (objective != nullptr) sumInBlocks(state, exact.data(), x.rows, sum);
  device.finish();
}

void kmeans_assign2(Workers& workers, ConstMatrix x, ConstMatrix centroids, int32_t* first,
                    int32_t* second, float* first_distances, float* second_distances) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const ConstMatrix means = device.in(centroids);
  const LabelResults near = {means, 0, device.out(first, x.rows),
                             device.out(first_distances, x.rows), nullptr};
  const LabelResults far = {means, 1, device.out(second, x.rows),
                            device.out(second_distances, x.rows), nullptr};
  search(state, {x, "x", means, "centroids", 2}, [&](const SearchResult& result) {
    writeLabels(state, result, near);
    writeLabels(state, result, far);
  });
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
