// Sums of all rows in fixed point (fixed_sums.h): rows are sorted by label, so that a warp adds up
// runs of one cluster in registers and an atomic takes a run instead of an entry. The order within
// a cluster is whatever the atomics of the sort leave; of integers it does not matter.
#include "cuda/device_array.h"
#include "cuda/fixed_sums.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;
constexpr int kScanThreads = 1024;
constexpr int kRun = 64;     // sorted rows of a warp
constexpr int kAtOnce = 4;   // of them, whose entries are fetched together
constexpr int kPerLane = 8;  // columns of a lane
constexpr int kColumns = kPerLane * kWarp;
constexpr int64_t kMostAcross = 65535 * kColumns;  // of a grid's y

/** The rows of a chunk by label, on the device. */
struct SortedRows {
  int64_t* ends;  // [k + 1] of each label's rows in order once they are there; then how many in all
  int64_t* order;  // [n]
};

__global__ void countLabelsKernel(const int32_t* labels, int64_t n, SortedRows to) {
  for (int64_t i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    if (labels[i] >= 0) atomicAddTo(to.ends + labels[i], 1);
  }
}

/** Counts become starts; `counts` gains them. One block, a stretch of labels a thread. */
__global__ void __launch_bounds__(kScanThreads)
    startsKernel(SortedRows to, int64_t k, int64_t* counts) {
  DC4J_SHARED(int64_t, before, [kScanThreads]);
  const int64_t stretch = (k + kScanThreads - 1) / kScanThreads;
  const int64_t begin = threadIdx.x * stretch < k ? threadIdx.x * stretch : k;
  const int64_t end = begin + stretch < k ? begin + stretch : k;
  int64_t sum = 0;
  for (int64_t j = begin; j < end; j++) sum += to.ends[j];
  before[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    int64_t all = 0;
    for (int thread = 0; thread < kScanThreads; thread++) {
      const int64_t its = before[thread];
      before[thread] = all;
      all += its;
    }
    to.ends[k] = all;
  }
  __syncthreads();
  int64_t start = before[threadIdx.x];
  for (int64_t j = begin; j < end; j++) {
    const int64_t its = to.ends[j];
    to.ends[j] = start;
    counts[j] += its;
    start += its;
  }
}

__global__ void sortKernel(const int32_t* labels, int64_t n, SortedRows to) {
  for (int64_t i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    if (labels[i] < 0) continue;
    auto* end = reinterpret_cast<unsigned long long*>(to.ends + labels[i]);
    to.order[atomicAdd(end, 1ull)] = i;
  }
}

/** A lane's columns of a run. */
struct RunSums {
  int64_t of[kPerLane];
};

/** A lane's entries of a row. */
struct Fetched {
  int64_t label = -1;
  float values[kPerLane] = {};
};

__device__ inline void fetch(ConstMatrix x, const int32_t* labels, int64_t i, int64_t first,
                             Fetched& to) {
  to.label = labels[i];
  DC4J_UNROLL
  for (int c = 0; c < kPerLane; c++) {
    const int64_t t = first + c * kWarp;
    if (t < x.cols) to.values[c] = rowAt(x, i)[t];
  }
}

/** Adds what was summed to its cluster and begins anew. */
__device__ inline void flush(RunSums& run, int64_t label, int64_t first, const FixedSums& to) {
  DC4J_UNROLL
  for (int c = 0; c < kPerLane; c++) {
    const int64_t t = first + c * kWarp;
    if (label >= 0 && t < to.d) atomicAddTo(to.sums + label * to.d + t, run.of[c]);
    run.of[c] = 0;
  }
}

/** A warp a run, kColumns columns of it, from lane l's first + l on. */
__device__ void sumRuns(ConstMatrix x, const int32_t* labels, SortedRows rows, int64_t count,
                        int64_t first, FixedSums to) {
  for (int64_t r = warpOfGrid(); r * kRun < count; r += warpsOfGrid()) {
    const int64_t end = (r + 1) * kRun < count ? (r + 1) * kRun : count;
    RunSums run = {};
    int64_t current = -1;
    for (int64_t p0 = r * kRun; p0 < end; p0 += kAtOnce) {
      Fetched rows_of[kAtOnce];
      DC4J_UNROLL
      for (int p = 0; p < kAtOnce; p++) {
        if (p0 + p < end) fetch(x, labels, rows.order[p0 + p], first, rows_of[p]);
      }
      DC4J_UNROLL
      for (int p = 0; p < kAtOnce; p++) {
        if (rows_of[p].label < 0) continue;
        if (rows_of[p].label != current) flush(run, current, first, to);
        current = rows_of[p].label;
        DC4J_UNROLL
        for (int c = 0; c < kPerLane; c++) run.of[c] += llrint(rows_of[p].values[c] * to.scale);
      }
    }
    flush(run, current, first, to);
  }
}

__global__ void sumRunsKernel(ConstMatrix x, const int32_t* labels, SortedRows rows, int64_t k,
                              FixedSums to) {
  const int64_t count = rows.ends[k], step = static_cast<int64_t>(gridDim.y) * kColumns;
  for (int64_t first = static_cast<int64_t>(blockIdx.y) * kColumns; first < x.cols; first += step) {
    sumRuns(x, labels, rows, count, first + laneOf(), to);
  }
}

void addSorted(CudaState& state, ConstMatrix x, const int32_t* labels, int64_t k, FixedSums to) {
  DeviceArray<int64_t> ends(state, k + 1);
  const DeviceArray<int64_t> order(state, x.rows);
  ends.fill(0);
  const SortedRows rows = {ends.data(), order.data()};
  const unsigned blocks = blocksForLoop(x.rows, kBlock);
  DC4J_LAUNCH(countLabelsKernel, blocks, kBlock, 0, state.stream(), labels, x.rows, rows);
  DC4J_LAUNCH(startsKernel, 1, kScanThreads, 0, state.stream(), rows, k, to.counts);
  DC4J_LAUNCH(sortKernel, blocks, kBlock, 0, state.stream(), labels, x.rows, rows);
  const dim3 grid(blocksForLoop((x.rows + kRun - 1) / kRun, kBlock / kWarp),
                  blocksFor(x.cols < kMostAcross ? x.cols : kMostAcross, kColumns));
  DC4J_LAUNCH(sumRunsKernel, grid, kBlock, 0, state.stream(), x, labels, rows, k, to);
}

}  // namespace cuda
}  // namespace dc4j
