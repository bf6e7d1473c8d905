// Runs CUDA kernels on the CPU, for tests: the threads of a block are fibers that take turns at
// barriers and warp collectives, blocks run one after another. What is checked and what cannot be
// shown is in native/README.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

struct uint3 {
  unsigned x, y, z;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

namespace dc4j_emulation {

/** What the built-in variables of a kernel say; of the running thread. */
struct Coordinates {
  uint3 thread, block;
  dim3 block_size, grid_size;
};
const Coordinates& coordinates();

/** Runs a kernel to its end; what goes wrong is what cudaGetLastError then returns. */
void launch(const char* name, dim3 grid, dim3 block, size_t dynamic_shared, const void* stream,
            const std::function<void()>& kernel);

/** Static shared memory of the running block, one piece per tag; filled with NaN at its start. */
void* shared(const void* tag, size_t bytes, size_t alignment);
void* dynamicShared();

void blockBarrier();

/** The running thread waits until another one wakes all who wait at that place. */
void sleepAt(const void* place);
void wakeAt(const void* place);

enum class Collective { barrier, shuffle, ballot, reduce, tile, product };

/** What a lane may give at a collective. */
constexpr size_t kLaneBytes = 64;

/** Done once, by the last lane to arrive, with all lanes' values: lane l's at [l * kLaneBytes]. */
using Combine = void (*)(unsigned char* values, unsigned mask);

/** Gives `bytes` (kLaneBytes at most) to the other lanes of `mask` and waits for theirs; returns
 * what lane l gave at [l * kLaneBytes], or what combine made of it. All lanes of the mask must call
 * it, for the same collective. Valid until the lane's next collective. */
const unsigned char* exchange(Collective which, unsigned mask, const void* value, size_t bytes,
                              Combine combine = nullptr);
int lane();
int warp();  // of the running thread, in its block

/** Ends the kernel with this message. */
[[noreturn]] void fail(const char* format, ...);
/** Where in the block's shared memory bytes are, and the other way; fails where they are not. The
 * first byte is not where alignment would be by chance. */
size_t sharedOffset(const void* pointer, size_t bytes);
void* sharedAt(size_t offset, size_t bytes);
/** Blocks so far, the running one among them. */
uint64_t blocksBegun();

}  // namespace dc4j_emulation

#define threadIdx (::dc4j_emulation::coordinates().thread)
#define blockIdx (::dc4j_emulation::coordinates().block)
#define blockDim (::dc4j_emulation::coordinates().block_size)
#define gridDim (::dc4j_emulation::coordinates().grid_size)
