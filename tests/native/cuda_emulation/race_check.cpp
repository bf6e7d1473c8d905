#include "race_check.h"

#ifdef DC4J_RACE_CHECK
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "race_order.h"

namespace dc4j_emulation {
namespace races {
namespace {

constexpr size_t kCellBytes = 2;
constexpr uint32_t kAtomic = 1u << 31, kLower = 1u << 29, kUpper = 1u << 30;  // bytes of the cell
constexpr uint32_t kContext = kLower - 1;

/** Who: an operation of a stream, and where it is a kernel a thread between two barriers. */
struct Who {
  uint32_t operation = 0;
  uint32_t marks = 0;  // its context (0: all of the operation), which bytes, whether atomic
  uint32_t context() const { return marks & kContext; }
  bool operator==(const Who& other) const {
    return operation == other.operation && marks == other.marks;
  }
};

struct Cell {
  Who write, read, other_read;
};

/** A thread of a kernel between two barriers. */
struct Context {
  uint64_t block;
  uint32_t interval, clock;  // of the block's barriers, of the lane's
  uint16_t thread;
};

constexpr unsigned kThreads = 1024;  // engines are numbered behind them

struct ThreadState {
  uint32_t context = 0, clock = 1;
  uint32_t seen[32] = {};     // of every lane's clock, what is before
  std::vector<uint32_t> far;  // of other warps' and engines', by farPlace; empty: nothing
};

struct Kernel {
  std::vector<Context> contexts{1};
  ThreadState threads[kThreads + kEngines];
  uint64_t block = 0;
  uint32_t interval = 0, thread = 0, count = 0;  // count: of the block's threads
  uint32_t issuer = 0;                           // the thread whose engine's accesses these are
  bool runs = false, atomic = false;
  bool far = false;  // whether there is a `far` that says something, or an engine
};

struct Watched {
  const unsigned char* begin;
  size_t bytes;
  Cell* cells;
};

Kernel the_kernel;
Order the_order;
Watched watched[2];  // by Kind; constant before any constructor runs
char text[400];

inline bool isIn(const Watched& place, const void* memory) {
  return static_cast<size_t>(static_cast<const unsigned char*>(memory) - place.begin) < place.bytes;
}

bool isEngine(uint32_t thread) { return thread >= kThreads; }
size_t farPlace(uint32_t thread) {
  return isEngine(thread) ? thread - kThreads : kEngines + thread;
}

void join(std::vector<uint32_t>& into, const std::vector<uint32_t>& other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (size_t i = 0; i < other.size(); i++) into[i] = std::max(into[i], other[i]);
}

/** Whether two threads of the running kernel are in order, the first before the running one. */
bool isBeforeInKernel(uint32_t before) {
  const Context& first = the_kernel.contexts[before];
  const uint32_t thread = the_kernel.thread;
  const ThreadState& now = the_kernel.threads[thread];
  if (first.block != the_kernel.block) return false;
  if (first.thread == thread) return true;
  // The block's barrier waits for threads alone.
  if (!isEngine(first.thread) && first.interval < the_kernel.interval) return true;
  if (!isEngine(first.thread) && first.thread / 32 == thread / 32) {
    return first.clock <= now.seen[first.thread % 32];
  }
  const size_t place = farPlace(first.thread);
  return place < now.far.size() && first.clock <= now.far[place];
}

bool isBefore(const Who& before, const Who& now, bool shared) {
  if (before.operation == 0) return true;
  if (before.operation != now.operation) return shared || the_order.isBefore(before.operation);
  const uint32_t context = before.context();
  if (context == 0 || now.context() == 0) return true;
  if (shared && the_kernel.contexts[context].block != the_kernel.block) return true;
  return isBeforeInKernel(context);
}

/** Whether the two may be in any order: atomics, or other bytes. */
bool inPeace(const Who& a, const Who& b) {
  const uint32_t both = a.marks & b.marks;
  return (both & kAtomic) != 0 || (both & (kLower | kUpper)) == 0;
}

void describe(char* to, size_t size, const Who& who) {
  const char* name = the_order.nameOf(who.operation);
  const Context* context = nullptr;
  if (who.operation == the_order.current() && who.context() != 0) {
    context = &the_kernel.contexts[who.context()];
  }
  if (context == nullptr) {
    std::snprintf(to, size, "%s", name);
    return;
  }
  const bool engine = isEngine(context->thread);
  std::snprintf(to, size, "%s block %llu %s %u%s", name,
                static_cast<unsigned long long>(context->block), engine ? "engine" : "thread",
                engine ? context->thread - kThreads : context->thread,
                (who.marks & kAtomic) != 0 ? " (atomic)" : "");
}

void report(const Who& before, const char* did, const Who& now, bool write, const void* memory,
            bool shared) {
  if (text[0] != 0) return;
  char first[120], second[120];
  describe(first, sizeof first, before);
  describe(second, sizeof second, now);
  std::snprintf(text, sizeof text, "a race on %s memory at %p: %s %s it, %s %s it",
                shared ? "shared" : "device", memory, first, did, second,
                write ? "writes" : "reads");
}

void note(Cell& cell, const Who& now, bool write, const void* memory, bool shared) {
  if (cell.write == now || (!write && cell.read == now)) return;
  if (!isBefore(cell.write, now, shared) && !inPeace(cell.write, now)) {
    report(cell.write, "wrote", now, write, memory, shared);
  }
  if (!write) {
    Who& place = isBefore(cell.read, now, shared) ? cell.read : cell.other_read;
    place = now;
    return;
  }
  for (const Who& read : {cell.read, cell.other_read}) {
    if (isBefore(read, now, shared) || inPeace(read, now)) continue;
    report(read, "read", now, write, memory, shared);
  }
  cell = {now, Who(), Who()};
}

/** Nothing where the bytes are not in `place`. */
void noteAll(Kind which, const void* memory, size_t bytes, Who now, bool write) {
  const Watched& place = watched[which];
  if (!isIn(place, memory)) return;
  const auto* byte = static_cast<const unsigned char*>(memory);
  const unsigned char* end = byte + bytes;
  Cell* cell = place.cells + static_cast<size_t>(byte - place.begin) / kCellBytes;
  const uint32_t marks = now.marks;
  while (byte < end) {
    const bool upper = reinterpret_cast<uintptr_t>(byte) % kCellBytes == 1;
    const bool whole = !upper && byte + 1 < end;
    now.marks = marks | (upper ? kUpper : whole ? kLower | kUpper : kLower);
    note(*cell++, now, write, byte, which == shared);
    byte += whole ? 2 : 1;
  }
}

void noteThread(Kind which, const void* memory, size_t bytes, bool write, bool is_volatile) {
  ThreadState& thread = the_kernel.threads[the_kernel.thread];
  if (thread.context == 0) {
    thread.context = static_cast<uint32_t>(the_kernel.contexts.size());
    the_kernel.contexts.push_back({the_kernel.block, the_kernel.interval, thread.clock,
                                   static_cast<uint16_t>(the_kernel.thread)});
  }
  const uint32_t atomic = the_kernel.atomic || is_volatile ? kAtomic : 0;
  noteAll(which, memory, bytes, {the_order.current(), thread.context | atomic}, write);
}

}  // namespace

void watch(Kind which, const void* begin, size_t bytes) {
  void* cells = mmap(nullptr, bytes / kCellBytes * sizeof(Cell), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (cells == MAP_FAILED) {
    std::fprintf(stderr, "emulated CUDA: no addresses for the race check\n");
    std::abort();
  }
  watched[which] = {static_cast<const unsigned char*>(begin), bytes, static_cast<Cell*>(cells)};
}

void operation(const char* name, const void* stream) {
  the_order.begin(name, stream);
  the_kernel.contexts.resize(1);
}

void reads(const void* memory, size_t bytes) {
  noteAll(device, memory, bytes, {the_order.current(), 0}, false);
}
void writes(const void* memory, size_t bytes) {
  noteAll(device, memory, bytes, {the_order.current(), 0}, true);
}

void forget(const void* memory, size_t bytes, bool ordered) {
  const Watched& place = watched[device];
  if (!isIn(place, memory)) return;
  const Who now = ordered ? Who() : Who{the_order.current(), kLower | kUpper};
  Cell* cell = place.cells + (static_cast<const unsigned char*>(memory) - place.begin) / kCellBytes;
  for (size_t b = 0; b < bytes; b += kCellBytes) *cell++ = {now, Who(), Who()};
}

const char* found() {
  static char said[sizeof text];
  std::snprintf(said, sizeof said, "%s", text);
  text[0] = 0;
  return said;
}

void blockBegins(uint64_t block, unsigned threads) {
  the_kernel.block = block;
  the_kernel.interval = 0;
  the_kernel.count = threads;
  const unsigned states = the_kernel.far ? kThreads + kEngines : threads;
  for (unsigned t = 0; t < states; t++) {
    ThreadState& thread = the_kernel.threads[t];
    thread.context = 0;
    thread.clock = 1;
    std::fill(thread.seen, thread.seen + 32, 0);
    thread.far.clear();
  }
  the_kernel.far = false;
}

void turnOf(unsigned thread) {
  the_kernel.thread = thread;
  the_kernel.runs = true;
}
void hostsTurn() { the_kernel.runs = false; }

void blockPassedBarrier() {
  the_kernel.interval++;
  for (unsigned t = 0; t < the_kernel.count; t++) the_kernel.threads[t].context = 0;
  if (!the_kernel.far) return;
  std::vector<uint32_t> all;
  for (const ThreadState& thread : the_kernel.threads) join(all, thread.far);
  for (unsigned t = 0; t < the_kernel.count; t++) the_kernel.threads[t].far = all;
}

void warpPassedBarrier(unsigned first, unsigned mask) {
  uint32_t seen[32] = {};
  std::vector<uint32_t> far;
  for (unsigned l = 0; l < 32; l++) {
    if ((mask >> l & 1) == 0) continue;
    ThreadState& thread = the_kernel.threads[first + l];
    thread.seen[l] = thread.clock++;
    thread.context = 0;
    for (unsigned o = 0; o < 32; o++) seen[o] = std::max(seen[o], thread.seen[o]);
    if (the_kernel.far) join(far, thread.far);
  }
  for (unsigned l = 0; l < 32; l++) {
    if ((mask >> l & 1) == 0) continue;
    std::copy(seen, seen + 32, the_kernel.threads[first + l].seen);
    if (the_kernel.far) the_kernel.threads[first + l].far = far;
  }
}

void publish(Clock& to) {
  const uint32_t number = the_kernel.thread, first = number / 32 * 32;
  ThreadState& thread = the_kernel.threads[number];
  to.of.resize(kEngines + std::max(the_kernel.count, first + 32));
  join(to.of, thread.far);
  thread.seen[number % 32] = thread.clock++;
  thread.context = 0;
  uint32_t* warp = to.of.data() + farPlace(first);
  for (unsigned l = 0; l < 32; l++) warp[l] = std::max(warp[l], thread.seen[l]);
}

void learn(const Clock& from) {
  if (from.of.empty()) return;
  the_kernel.far = true;
  const uint32_t number = the_kernel.thread;
  ThreadState& thread = the_kernel.threads[number];
  join(thread.far, from.of);
  const uint32_t* warp = from.of.data() + farPlace(number / 32 * 32);
  for (unsigned l = 0; l < 32; l++) thread.seen[l] = std::max(thread.seen[l], warp[l]);
}

void engineBegins(unsigned engine) {
  Clock before;
  publish(before);
  the_kernel.far = true;
  the_kernel.issuer = the_kernel.thread;
  the_kernel.thread = kThreads + engine;
  ThreadState& self = the_kernel.threads[the_kernel.thread];
  join(self.far, before.of);
  self.context = 0;
}

void engineEnds(Clock& to) {
  ThreadState& self = the_kernel.threads[the_kernel.thread];
  join(to.of, self.far);
  uint32_t& own = to.of[farPlace(the_kernel.thread)];
  own = std::max(own, self.clock++);
  the_kernel.thread = the_kernel.issuer;
}

void atomic(bool begins) { the_kernel.atomic = begins; }

void streamMade(const void* stream) { the_order.makeStream(stream); }
void eventRecorded(const void* event, const void* stream) { the_order.record(event, stream); }
void streamWaits(const void* stream, const void* event) { the_order.wait(stream, event); }
void hostWaitsForStream(const void* stream) { the_order.hostWaitsForStream(stream); }
void hostWaitsForEvent(const void* event) { the_order.hostWaitsForEvent(event); }
void hostWaitsForAll() { the_order.hostWaitsForAll(); }

void access(const void* memory, size_t bytes, bool write, bool is_volatile) {
  if (!the_kernel.runs) return;
  if (isIn(watched[device], memory)) {
    noteThread(device, memory, bytes, write, is_volatile);
  } else if (isIn(watched[shared], memory)) {
    noteThread(shared, memory, bytes, write, is_volatile);
  }
}

}  // namespace races
}  // namespace dc4j_emulation
#endif
