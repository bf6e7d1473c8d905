// The emulation of Hopper's barriers, copy engine and products: what a right kernel computes, and
// that wrong ones are found out.
#include <cuda_fp16.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "cuda/hopper/tensor_map.h"
#include "cuda/hopper/wgmma.h"
#include "cuda/warp.h"
#include "emulation_test.h"

namespace {

using namespace dc4j::cuda;
using namespace dc4j::cuda::hopper;

constexpr int kGroup = 128, kStages = 2, kDepths = 5;  // boxes one after another
constexpr int kBox = 128 * kBoxDepth * 2;
constexpr int kRows = kProductRows, kColumns = kProductColumns;
constexpr int kSourceRows = 100;  // of 128 in a box: the others are 0

enum class Mistake {
  none,
  no_wait_for_full,
  no_wait_for_empty,
  no_fence,
  sums_too_early,
  released_too_early,
  too_many_arrivals,
  too_many_bytes,
  uninitialised,
  initialised_late,
  unaligned_bytes,
  unaligned_box
};

struct Barriers {
  uint64_t *full, *empty;
};

__device__ void bring(const CUtensorMap& map, const float* bytes, unsigned char* stages,
                      Barriers barriers, Mistake mistake) {
  Stage stage;
  for (int t = 0; t < kDepths; t++) {
    unsigned char* to = stages + stage.index * kBox;
    uint64_t* full = barriers.full + stage.index;
    if (mistake != Mistake::no_wait_for_empty) {
      waitFor(barriers.empty + stage.index, stage.parity ^ 1);
    }
    arriveExpecting(full, kBox + (mistake == Mistake::too_many_bytes ? 16 : 0));
    if (mistake == Mistake::too_many_arrivals) arrive(full);
    copyBox(to + (mistake == Mistake::unaligned_box ? 64 : 0), map, t * kBoxDepth, 0, full);
    if (mistake == Mistake::unaligned_bytes) copyBytes(to, bytes + 1, 16, full);
    stage.next(kStages);
  }
}

/** Adds products of the boxes' rows with themselves. */
__device__ void use(float (&sums)[kSums], const unsigned char* stages, Barriers barriers,
                    Mistake mistake) {
  Stage stage;
  for (int t = 0; t < kDepths; t++) {
    if (mistake != Mistake::no_wait_for_full || t + 1 < kDepths) {
      waitFor(barriers.full + stage.index, stage.parity);
    }
    if (mistake != Mistake::no_fence) openProducts();
    const unsigned char* box = stages + stage.index * kBox;
    multiplyBoxes(sums, box, box, t > 0);
    commitProducts();
    const bool last = t + 1 == kDepths && mistake == Mistake::sums_too_early;
    if (mistake != Mistake::released_too_early && !last) waitForProducts<0>();
    __syncwarp();
    if (laneOf() == 0) arrive(barriers.empty + stage.index);
    stage.next(kStages);
  }
  if (mistake != Mistake::sums_too_early) waitForProducts<0>();
  own(sums);
}

/** to [64 x 128] = a b^T of the same matrix. */
__global__ void products(const CUtensorMap map, const float* bytes, float* to, Mistake mistake) {
  DC4J_DYNAMIC_SHARED(unsigned char, dynamic);
  unsigned char* stages = dynamic + (1024 - sharedAddress(dynamic) % 1024) % 1024;
  const Barriers barriers = {reinterpret_cast<uint64_t*>(stages + kStages * kBox),
                             reinterpret_cast<uint64_t*>(stages + kStages * kBox) + kStages};
  if (threadIdx.x == 0) {
    for (int s = 0; s < kStages; s++) {
      if (mistake != Mistake::uninitialised) initBarrier(barriers.full + s, 1);
      initBarrier(barriers.empty + s, kGroup / kWarp);
    }
    fenceBarriers();
  }
  if (mistake != Mistake::initialised_late) __syncthreads();
  if (threadIdx.x < kGroup) {
    if (threadIdx.x == 0) bring(map, bytes, stages, barriers, mistake);
    return;
  }
  float sums[kSums];
  use(sums, stages, barriers, mistake);
  const int thread = static_cast<int>(threadIdx.x) - kGroup, row = thread / 32 * 16 + laneOf() / 4;
  for (int i = 0; i < kSums; i++) {
    const int column = 8 * (i / 4) + 2 * (laneOf() % 4) + i % 2;
    to[(row + 8 * (i / 2 % 2)) * kColumns + column] = sums[i];
  }
}

struct Case {
  std::vector<__half> halves;
  __half* values;
  float *bytes, *to;
  Case() {
    for (int i = 0; i < kSourceRows * kDepths * kBoxDepth; i++) {
      halves.push_back(__float2half(static_cast<float>(i % 29 - 14) / 4));
    }
    const size_t size = halves.size() * sizeof(__half);
    CHECK(cudaMalloc(reinterpret_cast<void**>(&values), size) == cudaSuccess);
    CHECK(cudaMalloc(reinterpret_cast<void**>(&bytes), 64) == cudaSuccess);
    CHECK(cudaMalloc(reinterpret_cast<void**>(&to), kRows * kColumns * sizeof(float)) ==
          cudaSuccess);
    CHECK(cudaMemcpyAsync(values, halves.data(), size, cudaMemcpyDefault, nullptr) == cudaSuccess);
  }
  ~Case() {
    for (void* memory :
         {static_cast<void*>(values), static_cast<void*>(bytes), static_cast<void*>(to)}) {
      CHECK(cudaFree(memory) == cudaSuccess);
    }
  }
  void run(Mistake mistake) const {
    const CUtensorMap map = mapOf(values, kSourceRows, kDepths * kBoxDepth, 128);
    const size_t shared = 1024 + kStages * kBox + 2 * kStages * sizeof(uint64_t);
    DC4J_LAUNCH(products, 1, 2 * kGroup, shared, nullptr, map, bytes, to, mistake);
  }
  std::vector<float> sums() const {
    std::vector<float> read(kRows * kColumns);
    CHECK(cudaMemcpyAsync(read.data(), to, read.size() * sizeof(float), cudaMemcpyDefault,
                          nullptr) == cudaSuccess);
    return read;
  }
  float plain(int row, int column) const {
    if (row >= kSourceRows || column >= kSourceRows) return 0;
    constexpr int kWidth = kDepths * kBoxDepth;
    float sum = 0;  // multiples of 1/16 below 2^20: exact
    for (int t = 0; t < kWidth; t++) {
      sum += __half2float(halves[static_cast<size_t>(row * kWidth + t)]) *
             __half2float(halves[static_cast<size_t>(column * kWidth + t)]);
    }
    return sum;
  }
};

void rightKernel() {
  const Case given;
  given.run(Mistake::none);
  const std::vector<float> got = given.sums();
  for (int i = 0; i < kRows * kColumns; i++) {
    CHECK(got[static_cast<size_t>(i)] == given.plain(i / kColumns, i % kColumns),
          << i << " " << got[static_cast<size_t>(i)]);
  }
}

void wrongKernels() {
  const Case given;
  for (Mistake mistake :
       {Mistake::no_fence, Mistake::too_many_arrivals, Mistake::too_many_bytes,
        Mistake::uninitialised, Mistake::unaligned_bytes, Mistake::unaligned_box}) {
    CHECK(fails([&] { given.run(mistake); }), << static_cast<int>(mistake));
  }
  given.run(Mistake::sums_too_early);
  CHECK(std::isnan(given.sums()[0]));
#ifdef DC4J_RACE_CHECK
  for (Mistake mistake : {Mistake::no_wait_for_full, Mistake::no_wait_for_empty,
                          Mistake::released_too_early, Mistake::initialised_late}) {
    CHECK(fails([&] { given.run(mistake); }), << static_cast<int>(mistake));
  }
#endif
}

bool refused(const __half* values, int64_t cols, unsigned box_rows) {
  return fails([&] {
    // A variable: the compiler does not align what is thrown away.
    const CUtensorMap map = mapOf(values, 8, cols, box_rows);
    CHECK(map.rows == 8);
  });
}

void wrongMaps() {
  const Case given;
  CHECK(refused(given.values + 4, 64, 128));  // 8 bytes off
  CHECK(refused(given.values, 60, 128));
  CHECK(refused(given.values, 64, 257));
  CHECK(!refused(given.values, 64, 256));
}

}  // namespace

int main() {
  rightKernel();
  wrongKernels();
  wrongMaps();
  return finish();
}
