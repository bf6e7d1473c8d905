// c_y <- normalize(w c_y + (1 - w) x_i), sample after sample in batch order, or once per label with
// the sample of smallest dot product with the c_y before the call. memory [k x d], x [n x d].
//
// A warp has a row of x. The first row of a label takes all rows of that label in their order: no
// other warp touches c_y, and a lane reads and writes its own columns of it alone, so nothing
// waits. The mix is computed twice, once for its length and once to be written, and kept nowhere.
// Finding the rows of a label costs n / 32 steps of its warp: n^2 / 64 in all, nothing beside a
// batch's rows. Judge: reference/memory_update.cpp, same bits.
#include <cmath>

#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/exact_score.h"
#include "cuda/named_rows.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 128;

struct MemoryUpdate {
  Matrix memory;
  ConstMatrix x;
  const int32_t* labels;
  float old_weight, new_weight;
  const int64_t *bad_x, *bad_memory;
};

/** Every product rounded: this room is compiled without fused multiply-adds. */
__device__ inline float mixOf(const MemoryUpdate& update, const float* x, float c, int64_t t) {
  return update.old_weight * c + update.new_weight * x[t];
}

/** One sample into c. */
__device__ inline void takeIn(const MemoryUpdate& update, const float* x, float* c) {
  double squares = 0;
  for (int64_t t = laneOf(); t < update.x.cols; t += kWarp) {
    const float mixed = mixOf(update, x, c[t], t);
    squares += static_cast<double>(mixed) * static_cast<double>(mixed);
  }
  squares = foldLanes(squares);
  if (!(squares > 0)) return;
  const double scale = 1 / sqrt(squares);
  for (int64_t t = laneOf(); t < update.x.cols; t += kWarp) {
    c[t] = static_cast<float>(static_cast<double>(mixOf(update, x, c[t], t)) * scale);
  }
}

/** Bit l: row from + l has the label. */
__device__ inline unsigned rowsWith(const MemoryUpdate& update, int32_t label, int64_t from,
                                    int64_t end) {
  const int64_t row = from + laneOf();
  return ballotOfWarp(row < end && update.labels[row] == label);
}

__device__ inline bool isFirst(const MemoryUpdate& update, int64_t i) {
  for (int64_t from = 0; from < i; from += kWarp) {
    if (rowsWith(update, update.labels[i], from, i) != 0) return false;
  }
  return true;
}

__device__ inline void takeAll(const MemoryUpdate& update, int64_t i, float* c) {
  for (int64_t from = i; from < update.x.rows; from += kWarp) {
    unsigned left = rowsWith(update, update.labels[i], from, update.x.rows);
    for (; left != 0; left &= left - 1) {
      const int64_t row = from + __ffs(static_cast<int>(left)) - 1;
      takeIn(update, rowAt(update.x, row), c);
    }
  }
}

__device__ inline void takeHardest(const MemoryUpdate& update, int64_t i, float* c) {
  int64_t hardest = i;
  double smallest = INFINITY;
  for (int64_t from = i; from < update.x.rows; from += kWarp) {
    unsigned left = rowsWith(update, update.labels[i], from, update.x.rows);
    for (; left != 0; left &= left - 1) {
      const int64_t row = from + __ffs(static_cast<int>(left)) - 1;
      const double dot = exactDot(rowAt(update.x, row), c, update.x.cols);
      if (dot < smallest) {
        smallest = dot;
        hardest = row;
      }
    }
  }
  takeIn(update, rowAt(update.x, hardest), c);
}

/** Writes nothing where an input is not finite. */
__global__ void memoryUpdateKernel(MemoryUpdate update, bool hardest) {
  if (*update.bad_x != FirstBadRow::kNone || *update.bad_memory != FirstBadRow::kNone) return;
  for (int64_t i = warpOfGrid(); i < update.x.rows; i += warpsOfGrid()) {
    const int64_t label = update.labels[i];
    if (label < 0 || !isFirst(update, i)) continue;
    float* c = rowAt(update.memory, label);
    if (hardest) {
      takeHardest(update, i, c);
    } else {
      takeAll(update, i, c);
    }
  }
}

void memory_update(Workers& workers, Matrix memory, ConstMatrix x, const int32_t* labels,
                   bool hardest, float old_weight, float new_weight) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  FirstBadRow bad_x(state), bad_memory(state);
  const MemoryUpdate update = {device.inOut(memory), device.in(x), device.in(labels, x.rows),
                               old_weight,           new_weight,   bad_x.data(),
                               bad_memory.data()};
  findNotFinite(state, update.x, 0, bad_x);
  findNotFiniteNamed(state, update.memory, update.labels, x.rows, bad_memory);
  DC4J_LAUNCH(memoryUpdateKernel, blocksForLoop(x.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              update, hardest);
  bad_x.check("x");
  bad_memory.check("memory");
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
