#include "cuda/current_device.h"

#include "cuda/driver.h"

namespace dc4j {
namespace cuda {

/** Whether the process has a context on the device; a thread's current device is 0 before anybody
 * chose one. */
static bool isUsed(int ordinal) {
  static const auto stateOf =
      driverFunction<decltype(&cuDevicePrimaryCtxGetState)>("cuDevicePrimaryCtxGetState");
  unsigned flags = 0;
  int active = 0;
  return stateOf(ordinal, &flags, &active) == CUDA_SUCCESS && active != 0;
}

int chooseDevice(int ordinal) {
  int current = -1;
  if (cudaGetDevice(&current) != cudaSuccess) cudaGetLastError();
  if (current == ordinal) return -1;
  const bool was_used = current >= 0 && isUsed(current);
  check(cudaSetDevice(ordinal), "choosing the device");
  return was_used ? current : -1;
}

void restoreDevice(int previous) noexcept {
  if (previous >= 0 && cudaSetDevice(previous) != cudaSuccess) cudaGetLastError();
}

}  // namespace cuda
}  // namespace dc4j
