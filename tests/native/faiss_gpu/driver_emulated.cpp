// The one function of the CUDA driver that libdc4j_faiss asks for, over the emulated device.
#include <cstdint>

#include "memory.h"

extern "C" __attribute__((visibility("default"))) int cuPointerGetAttribute(
    void* value, int attribute, unsigned long long pointer) {
  constexpr int kMemoryType = 2, kInvalidValue = 1;
  constexpr uint32_t kDevice = 2;
  if (!dc4j_emulation::isDevice(reinterpret_cast<const void*>(pointer))) return kInvalidValue;
  // What is left is 0: not managed, of device 0.
  *static_cast<uint32_t*>(value) = attribute == kMemoryType ? kDevice : 0;
  return 0;
}
