// Whether a CUDA device can be used here, and what it is.
#pragma once
#include <dc4j/device.h>

#include <string>

namespace dc4j {
namespace cuda {

int32_t deviceCount();
/** Why device `ordinal` cannot be used, or "". */
std::string whyNot(int32_t ordinal);
void describe(int32_t ordinal, dc4j_cuda_device* out);

}  // namespace cuda
}  // namespace dc4j
