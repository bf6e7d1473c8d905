#include "faiss/cuda_pointer.h"

#include <dlfcn.h>

#include "core/error.h"

namespace dc4j {
namespace {

// Of cuda.h.
constexpr int kSuccess = 0, kMemoryType = 2, kIsManaged = 8, kDeviceOrdinal = 9;
constexpr unsigned kDeviceMemory = 2;
using GetAttribute = int (*)(void* value, int attribute, unsigned long long pointer);

/** Of the driver, if this process has it: without one there is no memory of a device. */
GetAttribute getAttribute() {
  static void* driver = nullptr;  // the same library each time; never closed
  if (driver == nullptr) driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver == nullptr) return nullptr;
  return reinterpret_cast<GetAttribute>(dlsym(driver, "cuPointerGetAttribute"));
}

}  // namespace

int32_t cudaDeviceOf(const void* pointer) {
  if (pointer == nullptr) return -1;
  const GetAttribute ask = getAttribute();
  if (ask == nullptr) return -1;
  const auto address = reinterpret_cast<unsigned long long>(pointer);
  unsigned type = 0, managed = 0;
  int ordinal = 0;
  // Plain host memory is an error to the driver, which does not know it.
  if (ask(&type, kMemoryType, address) != kSuccess || type != kDeviceMemory) return -1;
  if (ask(&managed, kIsManaged, address) == kSuccess && managed != 0) return -1;
  return ask(&ordinal, kDeviceOrdinal, address) == kSuccess ? ordinal : 0;
}

void requireHostMemory(const void* pointer, const char* name) {
  const int32_t device = cudaDeviceOf(pointer);
  if (device < 0) return;
  invalid(text(name, " lies in the memory of CUDA device ", device, "; accepted: host memory"));
}

}  // namespace dc4j
