// The emulation's own test: what right kernels compute, and that wrong ones are found out.
#include <vector>

#include "cuda/tensor_tile.h"
#include "cuda/warp.h"
#include "emulation_test.h"
#include "memory.h"

namespace {

using namespace dc4j::cuda;

std::vector<int> read(const int* from, int count) {
  std::vector<int> values(static_cast<size_t>(count));
  CHECK(cudaMemcpyAsync(values.data(), from, size_t(count) * sizeof(int), cudaMemcpyDefault,
                        nullptr) == cudaSuccess);
  return values;
}

/** Reverses a block's numbers through shared memory and adds its warp's sum of lanes. */
void reverse(int* to) {
  DC4J_SHARED(int, all, [256]);
  DC4J_DYNAMIC_SHARED(int, more);
  all[threadIdx.x] = static_cast<int>(threadIdx.x);
  more[threadIdx.x] = 1000;
  __syncthreads();
  const int sum = foldLanes(laneOf());  // 496
  const int other = static_cast<int>(blockDim.x - 1 - threadIdx.x);
  to[blockIdx.x * blockDim.x + threadIdx.x] = all[other] + more[other] + sum;
}

void divergentBarrier(int*) {
  if (threadIdx.x < 32) __syncthreads();
  if (threadIdx.x >= 32) __syncwarp();
  if (threadIdx.x == 40) __syncwarp(1u << 8 | 1u << 9);
}
void differentCollectives(int* to) {
  *to = laneOf() < 16 ? static_cast<int>(ballotOfWarp(true)) : fromLane(1, 0);
}
void goneLane(int* to) {
  if (laneOf() == 3) return;
  *to = fromLane(1, 0);
}
void tooMuchShared(int* to) {
  DC4J_SHARED(int, all, [13000]);
  *to = all[0];
}
void beyond(int* to) { to[1 << 20] = 1; }
void slightlyBeyond(int* to) { to[3] = 1; }
void nothing(int*) {}
void products(int* to) {
  DC4J_SHARED(signed char, a, [256]);
  for (int e = laneOf(); e < 256; e += 32) a[e] = static_cast<signed char>(e % 7 - 3);
  __syncwarp();
  TensorTile<signed char, int> tile;
  tile.add(a, 16, a, 16);
  tile.store(to, 16);
}

/** The emulation's one turn against the shuffles of a GPU: the same bits. */
void shortcuts(int* to) {
  double values[kFolded];
  for (int c = 0; c < kFolded; c++) values[c] = 1.0 / (1 + laneOf() * 7 + c * 31);
  const float value = static_cast<float>(std::sin(3.0 * laneOf()));
  // All lanes take part in all of them, whatever one has found.
  bool same = foldEight(values) == foldEightByShuffles(values);
  same &= foldLanes(value) == foldByShuffles(value);
  same &= foldLanes(values[5]) == foldByShuffles(values[5]);
  same &= largestOfWarp(value) == largestByShuffles(value);
  same &= leastOfWarp(value) == leastByShuffles(value);
  const double own = foldByShuffles(values[1]);  // in all lanes that of lane 0
  same &= fromLane(foldEight(values), 4) == own;
  to[laneOf()] = same;
}

void rightKernels() {
  int* to = deviceInts(512);
  DC4J_LAUNCH(shortcuts, 1, 32, 0, nullptr, to);
  for (int same : read(to, 32)) CHECK(same == 1);
  DC4J_LAUNCH(reverse, 2, 256, 1024, nullptr, to);
  const std::vector<int> got = read(to, 512);
  for (int i = 0; i < 512; i++) CHECK(got[i] == 255 - i % 256 + 1496, << i << " " << got[i]);
  DC4J_LAUNCH(products, 1, 32, 0, nullptr, to);
  const std::vector<int> tile = read(to, 256);
  for (int i = 0; i < 256; i++) {
    int sum = 0;
    for (int t = 0; t < 16; t++) sum += ((i / 16 * 16 + t) % 7 - 3) * ((i % 16 * 16 + t) % 7 - 3);
    CHECK(tile[i] == sum, << i << " " << tile[i]);
  }
  CHECK(cudaFree(to) == cudaSuccess);
}

void wrongKernels() {
  int* to = deviceInts(2);
  CHECK(fails([&] { DC4J_LAUNCH(divergentBarrier, 1, 64, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(differentCollectives, 1, 32, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(goneLane, 1, 32, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(goneLane, 1, 20, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(tooMuchShared, 1, 32, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(nothing, 1, 1025, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(nothing, dim3(1, 70000), 32, 0, nullptr, to); }));
  CHECK(fails([&] { DC4J_LAUNCH(nothing, 1, 32, 228 << 10, nullptr, to); }));
  CHECK(crashes([&] { DC4J_LAUNCH(beyond, 1, 1, 0, nullptr, to); }));
  CHECK(crashes([&] {
    DC4J_LAUNCH(slightlyBeyond, 1, 1, 0, nullptr, to);
    cudaFree(to);
  }));
  CHECK(crashes([&] {  // host code
    cudaStreamSynchronize(nullptr);
    *to = 1;
  }));
  DC4J_LAUNCH(nothing, 1, 1024, 0, nullptr, to);
  CHECK(cudaFree(to) == cudaSuccess);
  CHECK(cudaFree(to) != cudaSuccess);
}

void wrongCopies() {
  int host[4] = {};
  int* to = deviceInts(4);
  CHECK(cudaMemcpyAsync(to, host, 300, cudaMemcpyDefault, nullptr) != cudaSuccess);
  CHECK(cudaMemcpyAsync(to, host, 16, cudaMemcpyDeviceToHost, nullptr) != cudaSuccess);
  CHECK(cudaMemcpyAsync(host, to, 16, cudaMemcpyDeviceToHost, nullptr) == cudaSuccess);
  CHECK(host[0] == -1);  // memory that nobody wrote holds NaN
  CHECK(cudaFree(to) == cudaSuccess);
}

}  // namespace

int main() {
  rightKernels();
  wrongKernels();
  wrongCopies();
  return finish();
}
