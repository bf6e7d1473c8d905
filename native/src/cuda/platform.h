// What a kernel's source needs of its compiler: the same file is compiled by nvcc for a GPU and by
// a C++ compiler against tests/native/cuda_emulation, which runs it on the CPU. Three things differ
// and are hidden here: launches, static shared memory and dynamic shared memory. Kernels use these
// names instead of <<<...>>> and __shared__.
#pragma once
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "core/view.h"
#include "cuda/device_error.h"

#ifdef __CUDACC__
/** Shared memory of a block, aligned to 128: DC4J_SHARED(float, tile, [16][17]) declares float
 * tile[16][17]. */
#define DC4J_SHARED(type, name, ...) __shared__ __align__(128) type name __VA_ARGS__
/** The launch's dynamic shared memory, aligned to 128, as a pointer. */
#define DC4J_DYNAMIC_SHARED(type, name)                                 \
  extern __shared__ __align__(128) unsigned char dc4j_dynamic_shared[]; \
  type* name = reinterpret_cast<type*>(dc4j_dynamic_shared)
/** Before a loop over registers. */
#define DC4J_UNROLL _Pragma("unroll")
#define DC4J_UNROLL_BY(times) _Pragma(DC4J_TEXT(unroll times))
#define DC4J_TEXT(...) #__VA_ARGS__
#else
#define DC4J_UNROLL
#define DC4J_UNROLL_BY(times)
#include "emulation.h"
#define DC4J_SHARED(type, name, ...)                  \
  using name##_shared = type __VA_ARGS__;             \
  static const char name##_tag = 0;                   \
  name##_shared& name = *static_cast<name##_shared*>( \
      dc4j_emulation::shared(&name##_tag, sizeof(name##_shared), 128))
#define DC4J_DYNAMIC_SHARED(type, name) \
  type* name = static_cast<type*>(dc4j_emulation::dynamicShared())
#endif

namespace dc4j {
namespace cuda {

constexpr int kWarp = 32;
constexpr size_t kSharedWithoutAsking = 48 << 10;

/** Queues a kernel; use DC4J_LAUNCH. A grid with a side of 0 is no launch. */
template <typename... Parameters, typename... Arguments>
void launch(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared,
            cudaStream_t stream, Arguments... arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  if (shared > kSharedWithoutAsking) {
    check(
        cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
        name);
  }
#ifdef __CUDACC__
  kernel<<<grid, block, shared, stream>>>(static_cast<Parameters>(arguments)...);
#else
  dc4j_emulation::launch(name, grid, block, shared, stream,
                         [=] { kernel(static_cast<Parameters>(arguments)...); });
#endif
  check(cudaGetLastError(), name);
}

/** DC4J_LAUNCH(kernel, grid, block, dynamic shared bytes, stream, arguments...); a kernel with
 * template arguments goes in parentheses. */
#define DC4J_LAUNCH(kernel, ...) ::dc4j::cuda::launch(#kernel, kernel, __VA_ARGS__)

__device__ inline const float* rowAt(ConstMatrix m, int64_t i) { return m.data + i * m.stride; }
__device__ inline float* rowAt(Matrix m, int64_t i) { return m.data + i * m.stride; }

/** Blocks of `size` that cover `count`, for a side of a grid: at most 2^31 - 1 in x. */
inline unsigned blocksFor(int64_t count, int64_t size) {
  return static_cast<unsigned>((count + size - 1) / size);
}

/** Blocks for a loop in steps of the grid: enough to fill a device, never too many. */
inline unsigned blocksForLoop(int64_t count, int64_t size) {
  const int64_t blocks = (count + size - 1) / size;
  return static_cast<unsigned>(blocks < 4096 ? blocks : 4096);
}

}  // namespace cuda
}  // namespace dc4j
