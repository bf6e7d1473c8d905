// What a backend with memory of its own keeps for a context: its device, stream and allocator. The
// CPU backends have none. Implemented by the backend's library, hence no code here.
#pragma once
#include <dc4j/device.h>

#include <cstdint>

namespace dc4j {

class Workers;

/** Where an address can be read from. */
enum class Place {
  host,
  device,
  both,      // managed memory
  elsewhere  // another device than the context's
};

class BackendState {
 public:
  virtual ~BackendState() = default;

  /** The threads of the context, once it has them. */
  void attach(Workers& workers) { workers_ = &workers; }
  Workers& workers() const { return *workers_; }

  /** Makes the calling thread's current device the context's; leave() gives back what it was, if
   * the process uses that one at all: else giving it back would start it up. */
  virtual void enter() = 0;
  virtual void leave() noexcept = 0;

  virtual Place placeOf(const void* pointer) = 0;
  /** Copies between any two places; complete on return. */
  virtual void copy(void* to, const void* from, int64_t bytes) = 0;
  /** Waits until all queued work is done; throws what went wrong in it. */
  virtual void synchronize() = 0;
  /** Memory of the device, ordered by the context's stream: until synchronize(), for work on that
   * stream alone. Throws DC4J_OUT_OF_MEMORY. */
  virtual void* allocate(int64_t bytes) = 0;
  virtual void release(void* memory, int64_t bytes) noexcept = 0;
  /** Memory of the device that stays from call to call, whatever allocator the context is given;
   * all its bytes are `byte`. Given back by giveBack(), which needs neither context nor state. */
  virtual void* keep(int64_t bytes, int byte) = 0;
  virtual void (*giveBack())(void* memory) = 0;

  /** The first i with values[i] outside [lowest, end), or -1. values lie on the device. */
  virtual int64_t firstOutside(const int32_t* values, int64_t n, int64_t lowest, int64_t end) = 0;
  virtual int64_t firstOutside(const int64_t* values, int64_t n, int64_t lowest, int64_t end) = 0;

  virtual void useStream(void* stream) = 0;
  virtual void useAllocator(dc4j_device_allocate allocate, dc4j_device_release release,
                            void* owner) = 0;
  /** dc4j_context_chunk_rows. */
  virtual int64_t chunkRows(int64_t rows, int64_t bytes_per_row) = 0;
  /** dc4j_context_resident_bytes. */
  virtual int64_t residentBytes() const = 0;

 private:
  Workers* workers_ = nullptr;
};

}  // namespace dc4j
