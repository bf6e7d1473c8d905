// Blocks of threads: who runs, who waits for whom, and what may not be.
#include "emulation.h"

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

namespace dc4j_emulation {
namespace {

constexpr size_t kStaticShared = 48 << 10, kDynamicShared = 227 << 10;
constexpr unsigned kThreads = 1024;

/** Lanes of a warp that wait for each other. Values lie in two halves in turn: who is one
 * collective ahead does not overwrite what others still read. */
struct Group {
  unsigned mask = 0, arrived = 0;
  Collective which = Collective::barrier;
  int half = 0;
  alignas(16) unsigned char values[2][32 * 16];
};

struct Block;

struct Thread {
  Fiber fiber;
  Block* block = nullptr;
  unsigned number = 0;
  uint3 index = {0, 0, 0};
  bool done = false, at_block_barrier = false;
  Group* waits_for = nullptr;
};

struct Piece {
  const void* tag;
  size_t at;
};

struct Block {
  const char* name = "";
  const std::function<void()>* kernel = nullptr;
  Coordinates coordinates{};
  std::vector<std::unique_ptr<Thread>> threads;
  std::vector<std::vector<std::unique_ptr<Group>>> groups;  // by warp
  std::vector<Thread*> ready, next;
  unsigned count = 0, alive = 0, at_barrier = 0;
  std::vector<Piece> pieces;
  size_t static_used = 0;
  alignas(256) unsigned char static_shared[kStaticShared];
  alignas(256) unsigned char dynamic_shared[kDynamicShared];
  std::string failure;
};

Block the_block;  // blocks run one after another
Thread* running = nullptr;
bool backwards = false;  // the order in which threads get their turn, changed from block to block

[[noreturn]] void fail(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  throw std::runtime_error(text);
}

void setCoordinates(Thread* thread) {
  running = thread;
  thread->block->coordinates.thread = thread->index;
}

void releaseBarrier(Block& block) {
  if (block.alive == 0 || block.at_barrier < block.alive) return;
  block.at_barrier = 0;
  for (unsigned t = 0; t < block.count; t++) {
    Thread* thread = block.threads[t].get();
    if (!thread->at_block_barrier) continue;
    thread->at_block_barrier = false;
    block.next.push_back(thread);
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
  block.pieces.clear();
  block.static_used = 0;
  block.failure.clear();
  std::memset(block.dynamic_shared, 0xff, dynamic_shared);
  while (block.threads.size() < block.count) block.threads.emplace_back(new Thread);
  block.groups.resize((block.count + 31) / 32);
  for (auto& groups : block.groups) groups.clear();
  block.ready.clear();
  for (unsigned t = 0; t < block.count; t++) {
    Thread& thread = *block.threads[t];
    thread.block = &block;
    thread.number = t;
    thread.index = {t % size.x, t / size.x % size.y, t / size.x / size.y};
    thread.done = thread.at_block_barrier = false;
    thread.waits_for = nullptr;
    block.ready.push_back(&thread);
  }
}

void describeDeadlock(Block& block) {
  for (unsigned t = 0; t < block.count; t++) {
    const Thread& thread = *block.threads[t];
    if (thread.done) continue;
    const char* what = thread.at_block_barrier ? "__syncthreads" : "a warp collective";
    block.failure =
        "thread " + std::to_string(t) + " waits at " + what + " that the others never reach";
    return;
  }
}

void runBlock(Block& block) {
  std::vector<bool> started(block.count, false);
  unsigned finished = 0;
  while (!block.ready.empty() && block.failure.empty()) {
    const size_t turns = block.ready.size();
    for (size_t i = 0; i < turns && block.failure.empty(); i++) {
      Thread* thread = block.ready[backwards ? turns - 1 - i : i];
      if (!started[thread->number]) thread->fiber.start(body, thread);
      started[thread->number] = true;
      setCoordinates(thread);
      if (!thread->fiber.resume()) continue;
      finished++;
      block.alive--;
      releaseBarrier(block);
    }
    block.ready.swap(block.next);
    block.next.clear();
  }
  if (finished < block.count && block.failure.empty()) describeDeadlock(block);
  for (unsigned t = 0; t < block.count; t++) {
    if (started[t] && !block.threads[t]->done) block.threads[t]->fiber.drop();
  }
  running = nullptr;
}

cudaError_t checkLaunch(dim3 grid, dim3 block, size_t dynamic_shared) {
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const bool fits = threads >= 1 && threads <= kThreads && block.z <= 64 && grid.x >= 1 &&
                    grid.x <= 0x7fffffffu && grid.y >= 1 && grid.y <= 65535 && grid.z >= 1 &&
                    grid.z <= 65535 && dynamic_shared <= kDynamicShared;
  return fits ? cudaSuccess : cudaErrorInvalidConfiguration;
}

Group& groupOf(Block& block, unsigned mask) {
  auto& groups = block.groups[running->number / 32];
  for (const auto& group : groups) {
    if (group->mask == mask) return *group;
  }
  groups.emplace_back(new Group);
  groups.back()->mask = mask;
  return *groups.back();
}

}  // namespace

const Coordinates& coordinates() { return the_block.coordinates; }

int lane() { return static_cast<int>(running->number % 32); }

void launch(const char* name, dim3 grid, dim3 block_size, size_t dynamic_shared,
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
  block.name = name;
  block.kernel = &kernel;
  block.coordinates.block_size = block_size;
  block.coordinates.grid_size = grid;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        block.coordinates.block = {x, y, z};
        openBlock(block, dynamic_shared);
        runBlock(block);
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

const unsigned char* exchange(Collective which, unsigned mask, const void* value, size_t bytes) {
  Block& block = the_block;
  const unsigned warp = running->number / 32, own = 1u << (running->number % 32);
  const unsigned lanes = block.count - warp * 32;
  if ((mask & own) == 0) fail("a lane called a collective whose mask lacks it");
  if (lanes < 32 && (mask >> lanes) != 0) fail("a collective's mask has lanes beyond the block");
  Group& group = groupOf(block, mask);
  if (group.arrived == 0) {
    group.which = which;
  } else if (group.which != which) {
    fail("lanes of a warp are at different collectives");
  }
  unsigned char* values = group.values[group.half];
  if (bytes > 0) std::memcpy(values + 16 * (running->number % 32), value, bytes);
  group.arrived |= own;
  if (group.arrived == mask) {
    group.arrived = 0;
    group.half = 1 - group.half;
    for (unsigned l = 0; l < 32 && warp * 32 + l < block.count; l++) {
      Thread* thread = block.threads[warp * 32 + l].get();
      if ((mask >> l & 1) == 0) continue;
      thread->waits_for = nullptr;
      block.next.push_back(thread);
    }
  } else {
    running->waits_for = &group;
  }
  wait();
  return values;
}

}  // namespace dc4j_emulation
