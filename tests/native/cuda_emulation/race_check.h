// Finds accesses of a kernel, or of work on two streams, that nothing puts in order; for builds
// with DC4J_RACE_CHECK, whose kernels are compiled with -fsanitize=thread: the compiler then calls
// us at every access (race_hooks.cpp).
//
// In order are: a thread's own accesses; those before and after a block's barrier; those of a warp
// before and after __syncwarp (shuffles, votes and tensor cores promise no order of memory); those
// before an arrival at a barrier in shared memory and after a wait for it; the copy engine's after
// what its thread did before, and before what waits for the barrier that counts them;
// operations of one stream; and of two streams what events or a wait of the host put in order.
// Atomics and volatile reads are in order with each other. Allocating and freeing in a stream are
// operations on the whole block, so memory given back too early is found as well.
//
// Two bytes remember their last write and two reads, so of many unordered reads, and of threads
// that write a byte each, some are forgotten: a race may be missed, never invented.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dc4j_emulation {
namespace races {

/** What is before something: of every thread of the block and every engine, how much. */
struct Clock {
  std::vector<uint32_t> of;  // empty: nothing
};
/** What runs beside threads: copies, an engine a barrier, and products, an engine a warp. */
constexpr unsigned kBarrierEngines = 64, kEngines = kBarrierEngines + 32;

#ifdef DC4J_RACE_CHECK

/** Addresses, even ones, before anything else: the device's, and of a block's shared memory, where
 * all accesses are those of the block that runs. */
enum Kind { device, shared };
void watch(Kind which, const void* begin, size_t bytes);

/** Something new in a stream; what follows belongs to it. */
void operation(const char* name, const void* stream);
/** Its accesses as a whole, for copies, fills and cuBLAS. */
void reads(const void* memory, size_t bytes);
void writes(const void* memory, size_t bytes);
/** Memory as nobody had used it but this operation; `ordered`: whoever uses it next is after. */
void forget(const void* memory, size_t bytes, bool ordered);
/** The last race as text, which is then forgotten; "" if there was none. */
const char* found();

/** Blocks and threads of a kernel; block: its number in the grid, thread: in the block. */
void blockBegins(uint64_t block, unsigned threads);
void turnOf(unsigned thread);
void hostsTurn();
void blockPassedBarrier();
/** @param first the warp's first thread @param mask of lanes */
void warpPassedBarrier(unsigned first, unsigned mask);
/** All that the running thread did becomes part of a clock, or all that is in it before what the
 * thread does next. */
void publish(Clock& to);
void learn(const Clock& from);
/** Accesses until the end are an engine's, after all that the running thread did; at the end they
 * are part of a clock. */
void engineBegins(unsigned engine);
void engineEnds(Clock& to);
/** Accesses of the running thread between two calls are one atomic. Other libraries' kernels call
 * it too. */
__attribute__((visibility("default"))) void atomic(bool begins);

void streamMade(const void* stream);
void eventRecorded(const void* event, const void* stream);
void streamWaits(const void* stream, const void* event);
void hostWaitsForStream(const void* stream);
void hostWaitsForEvent(const void* event);
void hostWaitsForAll();

/** From the compiler's calls; in order with nothing where no kernel runs. */
void access(const void* memory, size_t bytes, bool write, bool is_volatile);

#else

enum Kind { device, shared };
inline void watch(Kind, const void*, size_t) {}
inline void operation(const char*, const void*) {}
inline void reads(const void*, size_t) {}
inline void writes(const void*, size_t) {}
inline void forget(const void*, size_t, bool) {}
inline const char* found() { return ""; }
inline void blockBegins(uint64_t, unsigned) {}
inline void turnOf(unsigned) {}
inline void hostsTurn() {}
inline void blockPassedBarrier() {}
inline void warpPassedBarrier(unsigned, unsigned) {}
inline void publish(Clock&) {}
inline void learn(const Clock&) {}
inline void engineBegins(unsigned) {}
inline void engineEnds(Clock&) {}
inline void atomic(bool) {}
inline void access(const void*, size_t, bool, bool) {}
inline void streamMade(const void*) {}
inline void eventRecorded(const void*, const void*) {}
inline void streamWaits(const void*, const void*) {}
inline void hostWaitsForStream(const void*) {}
inline void hostWaitsForEvent(const void*) {}
inline void hostWaitsForAll() {}

#endif

/** One atomic of the running thread. */
class Atomic {
 public:
  Atomic() { atomic(true); }
  ~Atomic() { atomic(false); }
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;
};

}  // namespace races
}  // namespace dc4j_emulation
