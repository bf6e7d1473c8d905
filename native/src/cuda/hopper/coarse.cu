// The coarse pass of a search (search.h) on Hopper: per row and tile of 64 columns the best and the
// second-best t_ij. n k d multiply-adds on tensor cores; the tiles' leaders are found beside them.
//
// A block has 128 rows, 64 for each of two warpgroups, and meets columns in blocks of 128. A third
// warpgroup's first thread keeps the copy engine busy: boxes of 128 rows or columns and 64 deep
// come in stages, full and empty barriers passing them to and fro. Where they leave enough stages
// the block's rows stay in shared memory, and while a block of columns is multiplied into one set
// of sums, the other set's leaders are taken. Deeper rows come along in the stages, for two blocks
// of columns at once.
#include <cmath>

#include "cuda/hopper/coarse.h"
#include "cuda/hopper/tensor_map.h"
#include "cuda/hopper/wgmma.h"
#include "cuda/leaders.h"
#include "cuda/warp.h"

namespace dc4j {
namespace cuda {
namespace hopper {

constexpr int kGroup = 128;  // threads of a warpgroup
constexpr int kGroups = 2;   // that multiply
constexpr int kThreads = (kGroups + 1) * kGroup;
constexpr int kRows = kGroups * kProductRows;
constexpr int kBoxBytes = 128 * kBoxDepth * 2;
constexpr int kMostStages = 8;
constexpr int kScales = 2 * kProductColumns;  // quanta, then biases, of a block of columns
constexpr int kScaleSlots = 16;               // more than blocks of columns are under way
constexpr int kTilesOfPair = 2 * kProductColumns / kTileColumns;
constexpr int64_t kAlignment = 1024, kSharedBytes = 227 << 10;

struct Pass {
  const float *row_quantum, *quantum, *bias;
  float *best, *second;  // [rows x stride]
  int64_t rows, stride;
  int boxes, stages;  // along d; in shared memory
};

/** Where what is in shared memory. */
struct Shared {
  unsigned char *rows, *stages;
  float* scales;
  uint64_t *full, *empty, *rows_full;
};

/** Blocks of columns a thread block goes through, in pairs. */
struct Pairs {
  int64_t first, count;
};

template <bool kResident>
constexpr int kStageBytes = (kResident ? 1 : 3) * kBoxBytes;

__device__ inline float* scalesOf(const Shared& shared, int64_t block) {
  return shared.scales + block % kScaleSlots * kScales;
}

/** Queues the scales of the block-th block of columns from the first of the pairs. */
__device__ inline void copyScales(const Pass& pass, const Shared& shared, const Pairs& pairs,
                                  int64_t block, uint64_t* barrier) {
  const int64_t column = (2 * pairs.first + block) * kProductColumns;
  float* to = scalesOf(shared, block);
  constexpr unsigned kBytes = kProductColumns * sizeof(float);
  copyBytes(to, pass.quantum + column, kBytes, barrier);
  copyBytes(to + kProductColumns, pass.bias + column, kBytes, barrier);
}

/** What the copying thread does. */
template <bool kResident>
__device__ void bringTiles(const CUtensorMap& rows, const CUtensorMap& columns, const Pass& pass,
                           const Shared& shared, const Pairs& pairs) {
  constexpr int kBlocks = kResident ? 1 : 2;  // of columns in a stage
  const int row = static_cast<int>(blockIdx.x) * kRows;
  if (kResident) {
    arriveExpecting(shared.rows_full, static_cast<unsigned>(pass.boxes * kBoxBytes));
    for (int t = 0; t < pass.boxes; t++) {
      copyBox(shared.rows + t * kBoxBytes, rows, t * kBoxDepth, row, shared.rows_full);
    }
  }
  Stage stage;
  for (int64_t block = 0; block < 2 * pairs.count; block += kBlocks) {
    const int column = static_cast<int>((2 * pairs.first + block) * kProductColumns);
    for (int t = 0; t < pass.boxes; t++) {
      uint64_t* full = shared.full + stage.index;
      unsigned char* to = shared.stages + stage.index * kStageBytes<kResident>;
      waitFor(shared.empty + stage.index, stage.parity ^ 1);
      const int scales = t == 0 ? kBlocks * kScales * static_cast<int>(sizeof(float)) : 0;
      arriveExpecting(full, static_cast<unsigned>(kStageBytes<kResident> + scales));
      for (int b = 0; b < kBlocks; b++, to += kBoxBytes) {
        copyBox(to, columns, t * kBoxDepth, column + b * kProductColumns, full);
        if (t == 0) copyScales(pass, shared, pairs, block + b, full);
      }
      if (!kResident) copyBox(to, rows, t * kBoxDepth, row, full);
      stage.next(pass.stages);
    }
  }
}

constexpr unsigned kMarkBits = 15;  // of a leader, that say which of a thread's 16 columns it is

/** Leaders of all four lanes that share rows, marked by their column in the tile. */
__device__ inline Leaders overLanes(Leaders leaders) {
  const unsigned bits = __float_as_uint(leaders.best), mark = bits & kMarkBits;
  const unsigned column = mark >> 1 << 3 | (threadIdx.x & 3) << 1 | (mark & 1);
  leaders.best = marked(leaders.best, kColumnBits, column);
  DC4J_UNROLL
  for (int s = 1; s < 4; s *= 2) {
    const float best = __shfl_xor_sync(kAllLanes, leaders.best, s);
    const float second = __shfl_xor_sync(kAllLanes, leaders.second, s);
    leaders = merged(leaders, {best, second});
  }
  return leaders;
}

/** A thread's two rows: r and r + 8 of its warp's sixteen. */
struct Rows {
  float quantum[2];
  Leaders kept[2];  // of tile l % 4 of the pair
};

/** Leaders of the two tiles that sums are of, the tile-th of the pair and the next. */
__device__ inline void takeLeaders(const float (&sums)[kSums], const float* scales, int tile,
                                   Rows& rows) {
  const int lane = static_cast<int>(threadIdx.x & 3);
  DC4J_UNROLL
  for (int h = 0; h < 2; h++) {
    Leaders leaders[2];
    DC4J_UNROLL
    for (int j = 0; j < 8; j++) {
      const int column = kTileColumns * h + 8 * j + 2 * lane, sum = 4 * (8 * h + j);
      const float2 quantum = *reinterpret_cast<const float2*>(scales + column);
      const float2 bias = *reinterpret_cast<const float2*>(scales + kProductColumns + column);
      DC4J_UNROLL
      for (int r = 0; r < 2; r++) {
        const float scale = rows.quantum[r];
        offer(leaders[r],
              marked(fmaf(sums[sum + 2 * r], quantum.x * scale, bias.x), kMarkBits, 2 * j));
        offer(leaders[r],
              marked(fmaf(sums[sum + 2 * r + 1], quantum.y * scale, bias.y), kMarkBits, 2 * j + 1));
      }
    }
    DC4J_UNROLL
    for (int r = 0; r < 2; r++) {
      const Leaders all = overLanes(leaders[r]);
      if (lane == tile + h) rows.kept[r] = all;
      // Taken here, not where it is first needed: products run meanwhile.
      pin(rows.kept[r].best, rows.kept[r].second);
    }
  }
}

/** A multiplying thread's place, and what it shares with the copying one. */
struct Consumer {
  const Pass& pass;
  const Shared& shared;
  int64_t row;             // the first of the thread's two
  const unsigned char* a;  // resident rows of the warpgroup, or where they are in a stage
  Rows rows;
  Stage stage;
  Stage released;

  __device__ void release() {
    __syncwarp();
    if (threadIdx.x % kWarp == 0) arrive(shared.empty + released.index);
    released.next(pass.stages);
  }

  /** Queues a block of columns on resident rows. */
  __device__ void multiplyBlock(float (&sums)[kSums]) {
    int t = 0;
    do {
      waitFor(shared.full + stage.index, stage.parity);
      openProducts();
      multiplyBoxes(sums, a + t * kBoxBytes, shared.stages + stage.index * kBoxBytes, t > 0);
      stage.next(pass.stages);
    } while (++t < pass.boxes);
    commitProducts();
  }

  __device__ void finishBlock(float (&sums)[kSums]) {
    waitForProducts<0>();
    own(sums);
    for (int t = 0; t < pass.boxes; t++) release();
  }

  /** Four tiles of two rows, 16 bytes a row from four lanes. */
  __device__ void write(int64_t pair) {
    const int64_t tile = kTilesOfPair * pair + (threadIdx.x & 3);
    DC4J_UNROLL
    for (int r = 0; r < 2; r++) {
      if (row + 8 * r >= pass.rows) continue;
      pass.best[(row + 8 * r) * pass.stride + tile] = rows.kept[r].best;
      pass.second[(row + 8 * r) * pass.stride + tile] = rows.kept[r].second;
    }
  }
};

// No branch lies between products and the leaders taken beside them: the compiler would wait there.
__device__ void meetResident(Consumer& consumer, const Pairs& pairs) {
  float even[kSums], odd[kSums];
  waitFor(consumer.shared.rows_full, 0);
  consumer.multiplyBlock(even);
  for (int64_t p = 0; p + 1 < pairs.count; p++) {
    consumer.finishBlock(even);
    consumer.multiplyBlock(odd);
    takeLeaders(even, scalesOf(consumer.shared, 2 * p), 0, consumer.rows);
    consumer.finishBlock(odd);
    consumer.multiplyBlock(even);
    takeLeaders(odd, scalesOf(consumer.shared, 2 * p + 1), 2, consumer.rows);
    consumer.write(pairs.first + p);
  }
  consumer.finishBlock(even);
  consumer.multiplyBlock(odd);
  takeLeaders(even, scalesOf(consumer.shared, 2 * pairs.count - 2), 0, consumer.rows);
  consumer.finishBlock(odd);
  takeLeaders(odd, scalesOf(consumer.shared, 2 * pairs.count - 1), 2, consumer.rows);
  consumer.write(pairs.first + pairs.count - 1);
}

__device__ void meetStreamed(Consumer& consumer, const Pairs& pairs) {
  float even[kSums], odd[kSums];
  const Pass& pass = consumer.pass;
  for (int64_t p = 0; p < pairs.count; p++) {
    openProducts();
    for (int t = 0; t < pass.boxes; t++) {
      Stage& stage = consumer.stage;
      waitFor(consumer.shared.full + stage.index, stage.parity);
      const unsigned char* from = consumer.shared.stages + stage.index * kStageBytes<false>;
      const unsigned char* a = consumer.a + (from - consumer.shared.stages);
      multiplyBoxes(even, a, from, t > 0);
      multiplyBoxes(odd, a, from + kBoxBytes, t > 0);
      commitProducts();
      stage.next(pass.stages);
      if (t == 0) continue;
      waitForProducts<1>();
      consumer.release();
    }
    waitForProducts<0>();
    own(even);
    own(odd);
    consumer.release();
    takeLeaders(even, scalesOf(consumer.shared, 2 * p), 0, consumer.rows);
    takeLeaders(odd, scalesOf(consumer.shared, 2 * p + 1), 2, consumer.rows);
    consumer.write(pairs.first + p);
  }
}

template <bool kResident>
__device__ Shared shareOut(const Pass& pass, unsigned char* memory) {
  const uint32_t address = sharedAddress(memory);
  memory += (kAlignment - address % kAlignment) % kAlignment;
  Shared shared;
  shared.rows = memory;
  shared.stages = memory + (kResident ? pass.boxes * kBoxBytes : 0);
  shared.scales = reinterpret_cast<float*>(shared.stages + pass.stages * kStageBytes<kResident>);
  shared.full = reinterpret_cast<uint64_t*>(shared.scales + kScaleSlots * kScales);
  shared.empty = shared.full + kMostStages;
  shared.rows_full = shared.empty + kMostStages;
  return shared;
}

template <bool kResident>
__global__ void __launch_bounds__(kThreads, 1)
    coarseKernel(const __grid_constant__ CUtensorMap rows,
                 const __grid_constant__ CUtensorMap columns, const Pass pass) {
  DC4J_DYNAMIC_SHARED(unsigned char, dynamic);
  const Shared shared = shareOut<kResident>(pass, dynamic);
  const int64_t all = pass.stride / kTilesOfPair, splits = gridDim.y;
  const int64_t first = all * blockIdx.y / splits, end = all * (blockIdx.y + 1) / splits;
  const Pairs pairs = {first, end - first};
  if (threadIdx.x == 0) {
    for (int s = 0; s < pass.stages; s++) {
      initBarrier(shared.full + s, 1);
      initBarrier(shared.empty + s, kGroups * kGroup / kWarp);
    }
    initBarrier(shared.rows_full, 1);
    fenceBarriers();
  }
  __syncthreads();
  const int group = static_cast<int>(threadIdx.x) / kGroup - 1;
  if (group < 0) {
    giveRegisters<24>();
    if (threadIdx.x == 0) bringTiles<kResident>(rows, columns, pass, shared, pairs);
  } else {
    takeRegisters<240>();
    const int warp = static_cast<int>(threadIdx.x) % kGroup / kWarp, lane = laneOf();
    const int64_t row =
        static_cast<int64_t>(blockIdx.x) * kRows + group * kProductRows + 16 * warp + lane / 4;
    const unsigned char* a = (kResident ? shared.rows : shared.stages + 2 * kBoxBytes) +
                             group * kProductRows * kBoxDepth * 2;
    Consumer consumer = {pass, shared, row, a, {}, {}, {}};
    for (int r = 0; r < 2; r++) {
      consumer.rows.quantum[r] = row + 8 * r < pass.rows ? pass.row_quantum[row + 8 * r] : 0;
    }
    if (kResident) {
      meetResident(consumer, pairs);
    } else {
      meetStreamed(consumer, pairs);
    }
  }
}

/** Parts that the columns are cut into, so that the last blocks leave few multiprocessors idle. */
unsigned splitsFor(int64_t blocks, int64_t pairs, int64_t multiprocessors) {
  constexpr int64_t kFewestPairs = 2, kMostSplits = 64;
  int64_t best = 1;
  double least = INFINITY;
  for (int64_t splits = 1; splits <= kMostSplits && splits * kFewestPairs <= pairs + 1; splits++) {
    const int64_t waves = (blocks * splits + multiprocessors - 1) / multiprocessors;
    // The longest part, and what starting a block costs in pairs.
    const double time =
        static_cast<double>(waves) * (static_cast<double>((pairs + splits - 1) / splits) + 0.5);
    if (time >= least) continue;
    least = time;
    best = splits;
  }
  return static_cast<unsigned>(best);
}

template <bool kResident>
void launchPass(CudaState& state, const Rounded& rows, const Columns& columns, const Pass& pass) {
  const int64_t blocks = (rows.padded + kRows - 1) / kRows;
  const dim3 grid(static_cast<unsigned>(blocks),
                  splitsFor(blocks, pass.stride / kTilesOfPair, state.multiprocessors()));
  const auto box = static_cast<unsigned>(kProductColumns);
  const Rounded& others = columns.rounded;
  // Variables: the driver wants maps aligned to 64, which compilers forget for temporaries.
  const CUtensorMap of_rows = mapOf(rows.values, rows.padded, rows.padded_d, box);
  const CUtensorMap of_columns = mapOf(others.values, others.padded, others.padded_d, box);
  DC4J_LAUNCH(coarseKernel<kResident>, grid, kThreads, kSharedBytes, state.stream(), of_rows,
              of_columns, pass);
}

void coarsePass(CudaState& state, const Rounded& rows, const Columns& columns, const Coarse& to) {
  static_assert(kProductColumns == 128 && kRows == 128, "boxes are of 128 rows or columns");
  if (rows.padded == 0 || columns.tiles == 0) return;
  Pass pass = {rows.quantum,
               columns.rounded.quantum,
               columns.bias,
               to.best,
               to.second,
               rows.padded,
               columns.stride,
               0,
               0};
  pass.boxes = static_cast<int>((rows.padded_d + kBoxDepth - 1) / kBoxDepth);
  constexpr int64_t kKept = kAlignment + kScaleSlots * kScales * 4 + 8 * (2 * kMostStages + 1);
  const int64_t beside_rows = (kSharedBytes - kKept) / kBoxBytes - pass.boxes;
  // A block of columns takes as many stages as it is deep, and gives them back when it is done.
  const bool resident = beside_rows > pass.boxes;
  const int64_t stages = resident ? beside_rows : (kSharedBytes - kKept) / kStageBytes<false>;
  pass.stages = static_cast<int>(stages < kMostStages ? stages : kMostStages);
  if (resident) {
    launchPass<true>(state, rows, columns, pass);
  } else {
    launchPass<false>(state, rows, columns, pass);
  }
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
