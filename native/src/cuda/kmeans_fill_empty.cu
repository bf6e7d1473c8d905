// Re-seeds clusters of count 0, in index order. The choices are the host's (core/empty_clusters.h)
// by counts, and for `farthest` by labels and distances, which are copied where they lie on the
// device (8 n bytes, only where a cluster is empty); rows and centroids stay where they are. Judge:
// reference/kmeans_fill_empty.cpp, same bits.
#include <algorithm>
#include <cfloat>

#include "core/checks.h"
#include "core/empty_clusters.h"
#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/device_array.h"
#include "cuda/gather_rows.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 128;

/** A thread a column, which no other needs: the splits of a column follow each other. */
__global__ void splitKernel(const int64_t* donors, const int64_t* empty, int64_t count,
                            Matrix centroids) {
  const float up = 1 + 1 / 1024.0f, down = 1 - 1 / 1024.0f;
  for (int64_t t = threadOfGrid(); t < centroids.cols; t += threadsOfGrid()) {
    for (int64_t s = 0; s < count; s++) {
      const float value = rowAt(centroids, donors[s])[t];
      const float larger = fminf(fmaxf(value * up, -FLT_MAX), FLT_MAX), smaller = value * down;
      rowAt(centroids, empty[s])[t] = t % 2 == 0 ? larger : smaller;
      rowAt(centroids, donors[s])[t] = t % 2 == 0 ? smaller : larger;
    }
  }
}

/** A warp a row: to row places[p] from row p. */
__global__ void placeRowsKernel(ConstMatrix from, const int64_t* places, Matrix to) {
  for (int64_t p = warpOfGrid(); p < from.rows; p += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < from.cols; t += kWarp) {
      rowAt(to, places[p])[t] = rowAt(from, p)[t];
    }
  }
}

/** What fills what, in order. */
struct Fills {
  std::vector<int64_t> from, empty;
  template <typename Choose>
  void chooseAll(int64_t k, const int64_t* counts, const Choose& choose) {
    for (int64_t j = 0; j < k; j++) {
      if (counts[j] != 0) continue;
      const int64_t chosen = choose(j);
      if (chosen < 0) return;  // nor is there one for the next
      from.push_back(chosen);
      empty.push_back(j);
    }
  }
  int64_t count() const { return static_cast<int64_t>(empty.size()); }
};

static void upload(CudaState& state, const std::vector<int64_t>& values, DeviceArray<int64_t>& to) {
  state.copy(to.data(), values.data(), to.count() * static_cast<int64_t>(sizeof(int64_t)));
}

static void splitAll(CudaState& state, const Fills& fills, Matrix centroids) {
  DeviceArray<int64_t> donors(state, fills.count()), empty(state, fills.count());
  upload(state, fills.from, donors);
  upload(state, fills.empty, empty);
  DC4J_LAUNCH(splitKernel, blocksForLoop(centroids.cols, kBlock), kBlock, 0, state.stream(),
              donors.data(), empty.data(), fills.count(), centroids);
}

static void placeAll(CudaState& state, ConstMatrix x, const Fills& fills, Matrix centroids) {
  const int64_t count = fills.count(), d = x.cols;
  DeviceArray<float> rows(state, count * d);
  const Matrix found = {rows.data(), count, d, d};
  gatherRows(state, x, fills.from, found);
  DeviceArray<int64_t> empty(state, count);
  upload(state, fills.empty, empty);
  DC4J_LAUNCH(placeRowsKernel, blocksForLoop(count, kBlock / kWarp), kBlock, 0, state.stream(),
              found, empty.data(), centroids);
}

static void requireFinite(CudaState& state, ConstMatrix x, const char* name) {
  FirstBadRow bad(state);
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, 0);
  for (RowChunk chunk; chunks.next(chunk);) findNotFinite(state, chunk.x, chunk.first, bad);
  chunks.finish();
  bad.check(name);
}

void kmeans_fill_empty(Workers& workers, ConstMatrix x, const int32_t* labels,
                       const float* distances, int32_t policy, uint64_t seed, Matrix centroids,
                       int64_t* counts, int64_t* filled) {
  CudaState& state = CudaState::of(workers);
  const int64_t k = centroids.rows, none = 0;
  state.copy(filled, &none, sizeof none);
  if (policy == DC4J_EMPTY_KEEP) return;
  Arguments host(state, Place::host), device(state, Place::device);
  int64_t* given = host.inOut(counts, k);
  if (std::count(given, given + k, 0) == 0) return;
  // Theirs once the centroids follow: memory may run out before.
  std::vector<int64_t> chosen(given, given + k);
  int64_t* own = chosen.data();
  requireFinite(state, centroids, "centroids");
  const Matrix means = device.inOut(centroids);
  Fills fills;
  if (policy == DC4J_EMPTY_FAISS) {
    FaissDonors donors(seed, k, own);
    fills.chooseAll(k, own, [&](int64_t empty) { return donors.donorFor(empty); });
    splitAll(state, fills, means);
  } else {
    requireFinite(state, x, "x");
    const float* far = host.in(distances, x.rows);
    requireDistances(far, x.rows);
    FarthestDonors donors(x.rows, host.in(labels, x.rows), far, own);
    fills.chooseAll(k, own, [&](int64_t empty) { return donors.rowFor(empty); });
    placeAll(state, x, fills, means);
  }
  device.finish();
  std::copy(chosen.begin(), chosen.end(), given);
  host.finish();
  const int64_t count = fills.count();
  state.copy(filled, &count, sizeof count);
}

}  // namespace cuda
}  // namespace dc4j
