// Where a caller's memory lies, asked without a CUDA to build with.
#pragma once
#include <cstdint>

namespace dc4j {

/** The CUDA device whose memory `pointer` points to, or -1 for what the host can read. */
int32_t cudaDeviceOf(const void* pointer);

/** Throws where `pointer` points to memory of a CUDA device. */
void requireHostMemory(const void* pointer, const char* name);

}  // namespace dc4j
