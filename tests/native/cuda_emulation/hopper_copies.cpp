// Barriers in shared memory and the copy engine (PTX ISA, "mbarrier", "cp.async.bulk").
#include <cstring>
#include <map>
#include <utility>

#include "hopper.h"
#include "memory.h"
#include "race_check.h"

namespace {

using namespace dc4j_emulation;

constexpr unsigned kMostArrivals = (1u << 20) - 1;  // and bytes
constexpr size_t kChunk = 16;                       // bytes that swizzling keeps together

struct Barrier {
  unsigned count = 0, pending = 0, phase = 0;
  int64_t bytes = 0;           // announced, not copied yet
  unsigned engine = 0;         // its copies', to the race check
  races::Clock arrived, done;  // what is before the end of this phase, and of the one before
};

struct Barriers {
  uint64_t block = 0;
  std::map<const uint64_t*, Barrier> all;
};

Barriers& barriers() {
  static Barriers the_barriers;
  if (the_barriers.block != blocksBegun()) {
    the_barriers.all.clear();
    the_barriers.block = blocksBegun();
  }
  return the_barriers;
}

Barrier& barrierAt(uint64_t* place) {
  const auto found = barriers().all.find(place);
  if (found == barriers().all.end()) fail("a barrier in shared memory that was not initialised");
  const races::Atomic atomic;
  races::access(place, sizeof *place, false, false);
  return found->second;
}

void lookWhetherComplete(const uint64_t* place, Barrier& barrier) {
  if (barrier.pending > 0 || barrier.bytes != 0) return;
  barrier.phase++;
  barrier.pending = barrier.count;
  barrier.done = barrier.arrived;
  wakeAt(place);
}

void arriveAt(uint64_t* place, int64_t bytes) {
  Barrier& barrier = barrierAt(place);
  if (barrier.pending == 0) fail("more arrivals at a barrier in shared memory than it expects");
  barrier.pending--;
  barrier.bytes += bytes;
  if (barrier.bytes > int64_t{kMostArrivals}) fail("more bytes announced than a barrier counts");
  races::publish(barrier.arrived);
  lookWhetherComplete(place, barrier);
}

/** One copy: what it reads and writes is the engine's. */
class Copy {
 public:
  Copy(uint64_t* place) : place_(place), barrier_(barrierAt(place)) {
    races::engineBegins(barrier_.engine);
  }
  void take(unsigned char* to, const unsigned char* from, size_t bytes) {
    if (!isDevice(from) || !inOneBlock(from, bytes)) fail("a copy from beyond device memory");
    races::access(const_cast<unsigned char*>(from), bytes, false, false);
    races::access(to, bytes, true, false);
    std::memcpy(to, from, bytes);
  }
  void clear(unsigned char* to, size_t bytes) {
    races::access(to, bytes, true, false);
    std::memset(to, 0, bytes);
  }
  void finish(size_t bytes) {
    races::engineEnds(barrier_.arrived);
    barrier_.bytes -= static_cast<int64_t>(bytes);
    lookWhetherComplete(place_, barrier_);
  }

 private:
  uint64_t* place_;
  Barrier& barrier_;
};

}  // namespace

namespace dc4j {
namespace cuda {
namespace hopper {

uint32_t sharedAddress(const void* pointer) {
  return static_cast<uint32_t>(sharedOffset(pointer, 1));
}

void initBarrier(uint64_t* place, unsigned arrivals) {
  if (sharedOffset(place, sizeof *place) % sizeof *place != 0 || arrivals == 0 ||
      arrivals > kMostArrivals) {
    fail("a barrier that cannot be initialised");
  }
  races::access(place, sizeof *place, true, false);
  auto& all = barriers().all;
  const auto engine = static_cast<unsigned>(all.size());
  if (engine == races::kBarrierEngines) fail("more barriers than are emulated");
  if (!all.emplace(place, Barrier()).second) fail("a barrier was initialised twice");
  Barrier& barrier = all[place];
  barrier.count = barrier.pending = arrivals;
  barrier.engine = engine;
}

void arrive(uint64_t* barrier) { arriveAt(barrier, 0); }
void arriveExpecting(uint64_t* barrier, unsigned bytes) { arriveAt(barrier, bytes); }

void waitFor(uint64_t* place, unsigned parity) {
  Barrier& barrier = barrierAt(place);
  while (barrier.phase % 2 == parity) sleepAt(place);
  races::learn(barrier.done);
}

void copyBox(void* to, const CUtensorMap& from, int column, int row, uint64_t* barrier) {
  const size_t width = static_cast<size_t>(from.box_columns) * 2;
  const size_t bytes = width * static_cast<size_t>(from.box_rows);
  const size_t offset = sharedOffset(to, bytes);
  if (offset % 128 != 0) fail("a box to a place in shared memory that is not aligned to 128");
  Copy copy(barrier);
  for (int r = 0; r < from.box_rows; r++) {
    const int64_t source_row = int64_t{row} + r;
    for (size_t c = 0; c < width; c += kChunk) {
      // The chunk's number in its 128 bytes is swizzled with that of the 128 bytes.
      const size_t linear = offset + static_cast<size_t>(r) * width + c;
      auto* place = static_cast<unsigned char*>(sharedAt(linear ^ (linear >> 7 & 7) << 4, kChunk));
      const int64_t source = int64_t{column} + static_cast<int64_t>(c / 2);
      const bool inside = source_row >= 0 && source_row < from.rows && source >= 0 &&
                          source + static_cast<int64_t>(kChunk / 2) <= from.columns;
      if (inside) {
        copy.take(place, from.values + source_row * from.pitch + source * 2, kChunk);
      } else {
        copy.clear(place, kChunk);
      }
    }
  }
  copy.finish(bytes);
}

void copyBytes(void* to, const void* from, unsigned bytes, uint64_t* barrier) {
  if (sharedOffset(to, bytes) % kChunk != 0 || reinterpret_cast<uintptr_t>(from) % kChunk != 0 ||
      bytes % kChunk != 0) {
    fail("a bulk copy that is not aligned to 16");
  }
  Copy copy(barrier);
  copy.take(static_cast<unsigned char*>(to), static_cast<const unsigned char*>(from), bytes);
  copy.finish(bytes);
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j

/** Columns in multiples of 8 and boxes as wide as the swizzle, so that chunks are in or out. */
CUresult cuTensorMapEncodeTiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank,
                                void* values, const cuuint64_t* sizes, const cuuint64_t* strides,
                                const cuuint32_t* box, const cuuint32_t* steps,
                                CUtensorMapInterleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  constexpr cuuint64_t kMostSize = cuuint64_t{1} << 32, kMostStride = cuuint64_t{1} << 40;
  const bool fits = type == CU_TENSOR_MAP_DATA_TYPE_FLOAT16 && rank == 2 &&
                    reinterpret_cast<uintptr_t>(map) % 64 == 0 &&
                    reinterpret_cast<uintptr_t>(values) % kChunk == 0 && sizes[0] % 8 == 0 &&
                    sizes[0] > 0 && sizes[1] > 0 && sizes[0] <= kMostSize &&
                    sizes[1] <= kMostSize && strides[0] % kChunk == 0 && strides[0] < kMostStride &&
                    box[0] * 2 == 128 && box[1] > 0 && box[1] <= 256 && steps[0] == 1 &&
                    steps[1] == 1 && swizzle == CU_TENSOR_MAP_SWIZZLE_128B;
  if (!fits) return CUDA_ERROR_INVALID_VALUE;
  *map = {static_cast<const unsigned char*>(values),
          static_cast<int64_t>(sizes[1]),
          static_cast<int64_t>(sizes[0]),
          static_cast<int64_t>(strides[0]),
          static_cast<int>(box[1]),
          static_cast<int>(box[0])};
  return CUDA_SUCCESS;
}
