// What the copy engine knows of a matrix in device memory.
#pragma once
#include <cuda.h>
#include <cuda_fp16.h>

#include <cstdint>

namespace dc4j {
namespace cuda {
namespace hopper {

/** A map of values [rows x cols], cols a multiple of 8, 16-byte aligned, in boxes of box_rows by 64
 * halves with the 128-byte swizzle; 0 beyond the matrix. Throws DC4J_INTERNAL where the driver
 * refuses. */
CUtensorMap mapOf(const __half* values, int64_t rows, int64_t cols, unsigned box_rows);

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
