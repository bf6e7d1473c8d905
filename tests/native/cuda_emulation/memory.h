// Device memory of the emulation: blocks that host code cannot touch, each ending at a page nobody
// can touch.
#pragma once
#include <cstddef>

namespace dc4j_emulation {

/** Filled with 0xff (NaN); NULL where the device is full. */
void* allocateDevice(size_t bytes);
/** False if `memory` is no block of the device. Ends the program if the block was written beyond.
 */
bool releaseDevice(void* memory);
/** Whether an address lies in the device's memory. */
bool isDevice(const void* pointer);
/** Whether `bytes` from an address of the device lie in one block. */
bool inOneBlock(const void* pointer, size_t bytes);
/** Of the block that starts at an address; 0 where none does. */
size_t bytesOf(const void* memory);
size_t totalDevice();
size_t freeDevice();

/** While one lives, kernels and copies use device memory; `what` is for messages. Host code finds
 * it closed again once the queue was waited for (lockDevice): opening and closing costs a system
 * call a block. */
class Unlocked {
 public:
  explicit Unlocked(const char* what);
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
};

/** Closes device memory until the next Unlocked: whoever touches it ends the program. */
void lockDevice();

}  // namespace dc4j_emulation

extern "C" {
// For the emulated cuBLAS, a library of its own.
__attribute__((visibility("default"))) void dc4j_emulation_unlock(const char* what);
__attribute__((visibility("default"))) void dc4j_emulation_lock();
// For the race check: an operation of a stream, what it reads and writes, and what it returns.
__attribute__((visibility("default"))) void dc4j_emulation_queue(const char* what,
                                                                 const void* stream);
__attribute__((visibility("default"))) void dc4j_emulation_touch(const void* memory, size_t bytes,
                                                                 int write);
__attribute__((visibility("default"))) int dc4j_emulation_order();
}
