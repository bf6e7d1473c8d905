// Blocks of threads: who runs, who waits for whom, and what may not be.
#include "emulation.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "fiber.h"
#include "last_error.h"
#include "memory.h"
#include "race_check.h"

namespace dc4j_emulation {
namespace {

constexpr size_t kStaticShared = 48 << 10, kDynamicShared = 227 << 10;
constexpr size_t kSystemShared = 256;  // as a GPU keeps some for itself
constexpr unsigned kThreads = 1024;

/** Lanes of a warp that wait for each other. Values lie in two halves in turn: who is one
 * collective ahead does not overwrite what others still read. */
struct Group {
  unsigned mask = 0, arrived = 0;
  Collective which = Collective::barrier;
  int half = 0;
  alignas(64) unsigned char values[2][32 * kLaneBytes];
};

struct Block;
struct Warp;

struct Thread {
  Fiber fiber;
  Block* block = nullptr;
  Warp* warp = nullptr;
  unsigned number = 0, lane = 0;
  uint3 index = {0, 0, 0};
  bool started = false, done = false, at_block_barrier = false;
  const void* sleeps_at = nullptr;
};

/** Its threads get their turns together, until all have ended or wait at the block's barrier: their
 * 32 stacks stay in the cache. */
struct Warp {
  unsigned first = 0, lanes = 0;  // threads of the block
  Thread* ready[32];
  unsigned ready_count = 0;
  Group whole;                                 // of all 32 lanes
  std::vector<std::unique_ptr<Group>> others;  // of any other mask
  void push(Thread* thread) { ready[ready_count++] = thread; }
};

struct Piece {
  const void* tag;
  size_t at;
};

struct Block {
  const char* name = "";
  const std::function<void()>* kernel = nullptr;
  Coordinates coordinates{};
  Thread threads[kThreads];
  Warp warps[kThreads / 32];
  unsigned count = 0, alive = 0, at_barrier = 0;
  std::vector<Piece> pieces;
  size_t static_used = 0, dynamic_bytes = 0;
  alignas(256) unsigned char all_shared[kStaticShared + kDynamicShared];
  unsigned char* const static_shared = all_shared;
  unsigned char* const dynamic_shared = all_shared + kStaticShared;
  std::string failure;
  Block() { races::watch(races::shared, all_shared, sizeof all_shared); }
};

Block the_block;  // blocks run one after another
Thread* running = nullptr;
uint64_t blocks_begun = 0;
bool backwards = false;  // the order in which threads get their turn, changed from block to block

void setCoordinates(Thread* thread) {
  running = thread;
  thread->block->coordinates.thread = thread->index;
  races::turnOf(thread->number);
}

void releaseBarrier(Block& block) {
  if (block.alive == 0 || block.at_barrier < block.alive) return;
  block.at_barrier = 0;
  races::blockPassedBarrier();
  for (unsigned t = 0; t < block.count; t++) {
    Thread* thread = &block.threads[t];
    if (!thread->at_block_barrier) continue;
    thread->at_block_barrier = false;
    thread->warp->push(thread);
  }
}

void body(void* argument) {
  auto* thread = static_cast<Thread*>(argument);
  try {
    (*thread->block->kernel)();
  } catch (const std::exception& error) {
    if (thread->block->failure.empty()) thread->block->failure = error.what();
  }
  thread->done = true;
}

void wait() {
  Thread* self = running;
  self->fiber.wait();
  setCoordinates(self);
}

void openBlock(Block& block, size_t dynamic_shared) {
  const dim3 size = block.coordinates.block_size;
  block.count = block.alive = size.x * size.y * size.z;
  block.at_barrier = 0;
  blocks_begun++;
  block.pieces.clear();
  block.static_used = 0;
  block.failure.clear();
  block.dynamic_bytes = dynamic_shared;
  std::memset(block.dynamic_shared, 0xff, dynamic_shared);
  for (unsigned first = 0; first < block.count; first += 32) {
    Warp& warp = block.warps[first / 32];
    warp.first = first;
    warp.lanes = std::min(32u, block.count - first);
    warp.ready_count = 0;
    warp.whole.mask = 0xffffffffu;
    warp.whole.arrived = 0;
    warp.others.clear();
    for (unsigned l = 0; l < warp.lanes; l++) {
      const unsigned t = first + l;
      Thread& thread = block.threads[t];
      thread.block = &block;
      thread.warp = &warp;
      thread.number = t;
      thread.lane = l;
      thread.index = {t % size.x, t / size.x % size.y, t / size.x / size.y};
      thread.started = thread.done = thread.at_block_barrier = false;
      thread.sleeps_at = nullptr;
      warp.push(&thread);
    }
  }
}

void describeDeadlock(Block& block) {
  for (unsigned t = 0; t < block.count; t++) {
    const Thread& thread = block.threads[t];
    if (thread.done) continue;
    const char* what = thread.sleeps_at != nullptr ? "a barrier in shared memory"
                       : thread.at_block_barrier   ? "__syncthreads"
                                                   : "a warp collective";
    block.failure =
        "thread " + std::to_string(t) + " waits at " + what + " that the others never reach";
    return;
  }
}

/** Gives the warp's threads their turns while they have any; how many ended. */
unsigned runWarp(Block& block, Warp& warp) {
  unsigned finished = 0;
  Thread* turns[32];
  while (warp.ready_count > 0 && block.failure.empty()) {
    const unsigned count = warp.ready_count;
    std::copy_n(warp.ready, count, turns);
    warp.ready_count = 0;
    for (unsigned i = 0; i < count && block.failure.empty(); i++) {
      Thread* thread = turns[backwards ? count - 1 - i : i];
      if (!thread->started) thread->fiber.start(body, thread);
      thread->started = true;
      setCoordinates(thread);
      if (!thread->fiber.resume()) continue;
      finished++;
      block.alive--;
      releaseBarrier(block);
    }
  }
  return finished;
}

void runBlock(Block& block) {
  const unsigned warps = (block.count + 31) / 32;
  unsigned finished = 0;
  for (bool some = true; some && block.failure.empty();) {
    some = false;
    for (unsigned w = 0; w < warps && block.failure.empty(); w++) {
      Warp& warp = block.warps[backwards ? warps - 1 - w : w];
      some = some || warp.ready_count > 0;
      finished += runWarp(block, warp);
    }
  }
  if (finished < block.count && block.failure.empty()) describeDeadlock(block);
  for (unsigned t = 0; t < block.count; t++) {
    Thread& thread = block.threads[t];
    if (thread.started && !thread.done) thread.fiber.drop();
  }
  running = nullptr;
  races::hostsTurn();
}

cudaError_t checkLaunch(dim3 grid, dim3 block, size_t dynamic_shared) {
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const bool fits = threads >= 1 && threads <= kThreads && block.z <= 64 && grid.x >= 1 &&
                    grid.x <= 0x7fffffffu && grid.y >= 1 && grid.y <= 65535 && grid.z >= 1 &&
                    grid.z <= 65535 && dynamic_shared <= kDynamicShared;
  return fits ? cudaSuccess : cudaErrorInvalidConfiguration;
}

Group& groupOf(Warp& warp, unsigned mask) {
  if (mask == warp.whole.mask) return warp.whole;
  for (const auto& group : warp.others) {
    if (group->mask == mask) return *group;
  }
  warp.others.emplace_back(new Group);
  warp.others.back()->mask = mask;
  return *warp.others.back();
}

}  // namespace

void fail(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  throw std::runtime_error(text);
}

const Coordinates& coordinates() { return the_block.coordinates; }

int lane() { return static_cast<int>(running->lane); }
int warp() { return static_cast<int>(running->warp->first / 32); }
uint64_t blocksBegun() { return blocks_begun; }

size_t sharedOffset(const void* pointer, size_t bytes) {
  const auto at =
      static_cast<size_t>(static_cast<const unsigned char*>(pointer) - the_block.dynamic_shared);
  if (at >= the_block.dynamic_bytes || bytes > the_block.dynamic_bytes - at) {
    fail("an address that is not in the block's dynamic shared memory");
  }
  return kSystemShared + at;
}

void* sharedAt(size_t offset, size_t bytes) {
  const size_t at = offset - kSystemShared;
  if (at >= the_block.dynamic_bytes || bytes > the_block.dynamic_bytes - at) {
    fail("an access beyond the block's dynamic shared memory");
  }
  return the_block.dynamic_shared + at;
}

void launch(const char* name, dim3 grid, dim3 block_size, size_t dynamic_shared, const void* stream,
            const std::function<void()>& kernel) {
  if (const cudaError_t wrong = checkLaunch(grid, block_size, dynamic_shared)) {
    std::fprintf(stderr,
                 "emulated CUDA: %s cannot be launched: %u x %u x %u blocks of %u x %u x %u "
                 "threads, %zu bytes of shared memory\n",
                 name, grid.x, grid.y, grid.z, block_size.x, block_size.y, block_size.z,
                 dynamic_shared);
    return setLastError(wrong);
  }
  const Unlocked unlocked(name);
  Block& block = the_block;
  races::operation(name, stream);
  uint64_t number = 0;
  block.name = name;
  block.kernel = &kernel;
  block.coordinates.block_size = block_size;
  block.coordinates.grid_size = grid;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        block.coordinates.block = {x, y, z};
        openBlock(block, dynamic_shared);
        races::blockBegins(number++, block.count);
        runBlock(block);
        if (block.failure.empty()) block.failure = races::found();
        backwards = !backwards;
        if (block.failure.empty()) continue;
        std::fprintf(stderr, "emulated CUDA: %s, block (%u, %u, %u): %s\n", name, x, y, z,
                     block.failure.c_str());
        return setLastError(cudaErrorLaunchFailure);
      }
    }
  }
}

void* shared(const void* tag, size_t bytes, size_t alignment) {
  Block& block = the_block;
  for (const Piece& piece : block.pieces) {
    if (piece.tag == tag) return block.static_shared + piece.at;
  }
  const size_t at = (block.static_used + alignment - 1) / alignment * alignment;
  if (at + bytes > kStaticShared) fail("more than 48 KB of static shared memory");
  std::memset(block.static_shared + at, 0xff, bytes);
  block.pieces.push_back({tag, at});
  block.static_used = at + bytes;
  return block.static_shared + at;
}

void* dynamicShared() { return the_block.dynamic_shared; }

void blockBarrier() {
  Block& block = the_block;
  running->at_block_barrier = true;
  block.at_barrier++;
  releaseBarrier(block);
  wait();
}

void sleepAt(const void* place) {
  running->sleeps_at = place;
  wait();
}

void wakeAt(const void* place) {
  Block& block = the_block;
  for (unsigned t = 0; t < block.count; t++) {
    Thread& thread = block.threads[t];
    if (thread.sleeps_at != place) continue;
    thread.sleeps_at = nullptr;
    thread.warp->push(&thread);
  }
}

const unsigned char* exchange(Collective which, unsigned mask, const void* value, size_t bytes,
                              Combine combine) {
  Warp& warp = *running->warp;
  const unsigned own = 1u << running->lane;
  if ((mask & own) == 0) fail("a lane called a collective whose mask lacks it");
  if (warp.lanes < 32 && (mask >> warp.lanes) != 0) {
    fail("a collective's mask has lanes beyond the block");
  }
  Group& group = groupOf(warp, mask);
  if (group.arrived == 0) {
    group.which = which;
  } else if (group.which != which) {
    fail("lanes of a warp are at different collectives");
  }
  unsigned char* values = group.values[group.half];
  if (bytes > 0) std::memcpy(values + kLaneBytes * running->lane, value, bytes);
  group.arrived |= own;
  if (group.arrived == mask) {
    group.arrived = 0;
    group.half = 1 - group.half;
    if (combine != nullptr) combine(values, mask);
    if (which == Collective::barrier) races::warpPassedBarrier(warp.first, mask);
    for (unsigned l = 0; l < warp.lanes; l++) {
      if ((mask >> l & 1) != 0) warp.push(&running->block->threads[warp.first + l]);
    }
  }
  wait();
  return values;
}

}  // namespace dc4j_emulation
