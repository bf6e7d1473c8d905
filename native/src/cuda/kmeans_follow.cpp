// kmeans_assign for rows whose labels were exact under `previous`, where not every centroid moved
// since. x [n x d], centroids and previous [k x d]. cpu/kmeans_follow.cpp has the proof: a row
// whose score to its own centroid did not rise meets the moved centroids and its own alone. n d
// multiply-adds for the scores, then those of the pairs that meet. Judge:
// reference/kmeans_follow.cpp, same bits.
#include <algorithm>

#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/follow_parts.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {
namespace {

/** Memory behind MovedCentroids, and what the host knows of it. */
struct Moved {
  Moved(CudaState& state, ConstMatrix centroids, ConstMatrix previous)
      : ids(state, centroids.rows), places(state, centroids.rows), count(state, 1) {
    findMoved(state, centroids, previous, view());
    moved = count.read();
  }
  MovedCentroids view() const { return {ids.data(), places.data(), count.data()}; }
  DeviceArray<int64_t> ids;
  DeviceArray<int32_t> places;
  DeviceArray<int64_t> count;
  int64_t moved;
};

/** The rows of a chunk by what they meet. */
struct Groups {
  Groups(CudaState& state, int64_t rows) : some(state, rows), all(state, rows), counts(state, 2) {}
  DeviceArray<int64_t> some, all, counts;
};

void requireFiniteOnDevice(CudaState& state, ConstMatrix matrix, const char* name) {
  FirstBadRow bad(state);
  findNotFinite(state, matrix, 0, bad);
  bad.check(name);
}

struct Follow {
  CudaState& state;
  ConstMatrix x, centroids, previous;
  int32_t* labels;   // on the device, like all results
  float* distances;  // or NULL
  double* exact;     // [n] or NULL
};

/** How many pairs met. */
int64_t followMoved(const Follow& follow, const Moved& moved) {
  CudaState& state = follow.state;
  const ConstMatrix x = follow.x, centroids = follow.centroids;
  const int64_t k = centroids.rows, d = x.cols;
  DeviceArray<float> rows(state, moved.moved * d);
  const ConstMatrix panel = {rows.data(), moved.moved, d, d};
  gatherRows(state, centroids, moved.ids.data(), {rows.data(), moved.moved, d, d});
  const int64_t groups_bytes = 2 * static_cast<int64_t>(sizeof(int64_t));
  RowChunks chunks(
      state, x, {nullptr, 0, 0, 0},
      groups_bytes + SearchEngine::bytesPerRow(panel, 1) + SearchEngine::bytesPerRow(centroids, 1));
  SearchEngine among_moved(state, panel, "centroids", 1, chunks.rows());
  SearchEngine among_all(state, centroids, "centroids", 1, chunks.rows());
  Groups groups(state, chunks.rows());
  FirstBadRow bad(state);
  const Wanted labels_alone = {nullptr, false, true};
  int64_t compared = 0;
  for (RowChunk chunk; chunks.next(chunk);) {
    findNotFinite(state, chunk.x, chunk.first, bad);
    int32_t* labels = follow.labels + chunk.first;
    groups.counts.fill(0);
    groupRows(state, {chunk.x, centroids, follow.previous, labels, moved.view(), groups.some.data(),
                      groups.all.data(), groups.counts.data()});
    int64_t counts[2];
    groups.counts.read(counts, 2);
    compared += counts[0] * moved.moved + counts[1] * k;
    if (counts[0] > 0 && moved.moved > 0) {
      takeMoved(state,
                among_moved.run(chunk, groups.some.data(), counts[0], labels_alone, bad.data()),
                moved.view(), centroids, follow.labels);
    }
    if (counts[1] > 0) {
      writeLabels(state,
                  among_all.run(chunk, groups.all.data(), counts[1], labels_alone, bad.data()),
                  {centroids, 0, follow.labels, nullptr, nullptr});
    }
    writeDistances(state, chunk, {centroids, 0, follow.labels, follow.distances, follow.exact});
  }
  chunks.finish();
  bad.check("x");
  return compared;
}

}  // namespace

void kmeans_follow(Workers& workers, ConstMatrix x, ConstMatrix centroids, ConstMatrix previous,
                   int32_t* labels, float* distances, double* objective, int64_t* compared) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const ConstMatrix means = device.in(centroids), before = device.in(previous);
  const Moved moved(state, means, before);
  const int64_t n = x.rows, k = centroids.rows;
  *compared = n * k;
  if (moved.moved > k - k / 8) {  // too few to pay for the scores
    kmeans_assign(workers, x, means, nullptr, labels, distances, objective);
    return;
  }
  requireFiniteOnDevice(state, means, "centroids");
  const DeviceArray<double> exact(state, objective == nullptr ? 0 : n);
  double* sum = device.out(objective, 1);
  *compared = followMoved({state, x, means, before, device.inOut(labels, n),
                           device.out(distances, n), objective == nullptr ? nullptr : exact.data()},
                          moved);
  if (objective != nullptr) sumInBlocks(state, exact.data(), n, sum);
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
