// The race check's own test: what it must find, and what it must not.
#include "cuda/event.h"
#include "cuda/warp.h"
#include "emulation_test.h"

namespace {

using namespace dc4j::cuda;

constexpr int kThreads = 128;

/** Everyone writes its own number and reads the next one's. */
enum class Between { nothing, shuffle, warp, half_warp, block };
void exchangeNumbers(int* to, int* numbers, Between between) {
  const int thread = static_cast<int>(threadIdx.x);
  numbers[thread] = thread;
  if (between == Between::shuffle) fromLane(thread, 0);
  if (between == Between::warp) __syncwarp();
  if (between == Between::half_warp) __syncwarp(laneOf() < 16 ? 0xffffu : 0xffff0000u);
  if (between == Between::block) __syncthreads();
  to[thread] = numbers[(thread + 1) % static_cast<int>(blockDim.x)];
}
__global__ void throughShared(int* to, Between between) {
  DC4J_SHARED(int, numbers, [kThreads]);
  exchangeNumbers(to, numbers, between);
}
__global__ void throughDevice(int* to, int* numbers, Between between) {
  exchangeNumbers(to, numbers, between);
}
/** As decideKernel's list was: read by all, then written by one. */
__global__ void readThenWrite(int* to, bool ordered) {
  DC4J_SHARED(int, number, [1]);
  if (laneOf() == 0) number[0] = 1;
  __syncwarp();
  const int read = number[0];
  if (ordered) __syncwarp();
  if (laneOf() == 0) number[0] = 2;
  to[laneOf()] = read;
}
enum class How { plainly, atomically, and_reads, and_looks };
__global__ void count(int* to, How how) {
  if (how == How::plainly) {
    *to = 1;
  } else {
    atomicAdd(to, 1);
  }
  if (how == How::and_reads) to[1 + blockIdx.x] = *to;
  if (how == How::and_looks) to[1 + blockIdx.x] = *static_cast<volatile int*>(to);
}
__global__ void fillBytes(unsigned char* to) { to[threadIdx.x] = 1; }
__global__ void fill(int* to) { to[threadIdx.x] = 1; }

void amongThreads() {
  int *to = deviceInts(512), *numbers = deviceInts(512);
  const auto shared = [&](unsigned threads, Between between) {
    return fails([&] { DC4J_LAUNCH(throughShared, 3, threads, 0, nullptr, to, between); });
  };
  const auto device = [&](unsigned threads, Between between) {
    return fails([&] { DC4J_LAUNCH(throughDevice, 1, threads, 0, nullptr, to, numbers, between); });
  };
  // Blocks write the same `to` in turn, and only then.
  const auto one = [&](unsigned threads, Between between) {
    return fails([&] { DC4J_LAUNCH(throughShared, 1, threads, 0, nullptr, to, between); });
  };
  CHECK(shared(kThreads, Between::block));
  CHECK(!one(kThreads, Between::block) && !one(32, Between::warp));
  CHECK(!device(kThreads, Between::block) && !device(32, Between::warp));
  for (Between between : {Between::nothing, Between::shuffle, Between::half_warp}) {
    CHECK(one(32, between) && device(32, between), << static_cast<int>(between));
  }
  CHECK(one(kThreads, Between::warp) && device(kThreads, Between::warp));
  CHECK(fails([&] { DC4J_LAUNCH(readThenWrite, 1, 32, 0, nullptr, to, false); }));
  CHECK(!fails([&] { DC4J_LAUNCH(readThenWrite, 1, 32, 0, nullptr, to, true); }));
  CHECK(cudaFree(to) == cudaSuccess && cudaFree(numbers) == cudaSuccess);
}

void amongBlocks() {
  int* to = deviceInts(512);
  const auto counts = [&](How how) {
    return fails([&] { DC4J_LAUNCH(count, 8, 1, 0, nullptr, to, how); });
  };
  CHECK(counts(How::plainly) && counts(How::and_reads));
  CHECK(!counts(How::atomically) && !counts(How::and_looks));
  const auto bytes = [&](int shift) {
    DC4J_LAUNCH(fillBytes, 1, 33, 0, nullptr, reinterpret_cast<unsigned char*>(to) + shift);
  };
  CHECK(!fails([&] { bytes(0); }) && !fails([&] { bytes(1); }));
  CHECK(cudaFree(to) == cudaSuccess);
}

/** What is between a kernel of one stream and a copy of another. */
enum class Order { none, event, early_event, host };
bool copyRaces(cudaStream_t one, cudaStream_t two, Order order) {
  int *to = deviceInts(512), host[kThreads];
  const bool found = fails([&] {
    Event event;
    if (order == Order::early_event) event.record(one);
    DC4J_LAUNCH(fill, 1, kThreads, 0, one, to);
    if (order == Order::event) event.record(one);
    if (order == Order::event || order == Order::early_event) event.block(two);
    if (order == Order::host) check(cudaStreamSynchronize(one), "waiting");
    check(cudaMemcpyAsync(host, to, sizeof host, cudaMemcpyDefault, two), "copying");
  });
  CHECK(cudaFree(to) == cudaSuccess);
  return found;
}

/** Whether the program ends badly where memory goes back to its stream while `user` is on it. */
bool freeingRaces(cudaStream_t owner, cudaStream_t user) {
  return crashes([&] {
    void* memory = nullptr;
    cudaMallocFromPoolAsync(&memory, kThreads * sizeof(int), nullptr, owner);
    Event allocated;
    allocated.record(owner);
    allocated.block(user);
    DC4J_LAUNCH(fill, 1, kThreads, 0, user, static_cast<int*>(memory));
    cudaFreeAsync(memory, owner);
  });
}

void amongStreams() {
  cudaStream_t one, two;
  CHECK(cudaStreamCreateWithFlags(&one, 0) == cudaSuccess);
  CHECK(cudaStreamCreateWithFlags(&two, 0) == cudaSuccess);
  CHECK(!copyRaces(one, one, Order::none));
  CHECK(copyRaces(one, two, Order::none) && copyRaces(one, two, Order::early_event));
  CHECK(!copyRaces(one, two, Order::event) && !copyRaces(one, two, Order::host));
  CHECK(freeingRaces(one, two) && !freeingRaces(one, one));
  CHECK(cudaStreamDestroy(one) == cudaSuccess && cudaStreamDestroy(two) == cudaSuccess);
}

}  // namespace

int main() {
  amongThreads();
  amongBlocks();
  amongStreams();
  return finish();
}
