#include "memory.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "race_check.h"

namespace dc4j_emulation {
namespace {

constexpr size_t kPage = 4096, kAlignment = 256;
constexpr size_t kAddresses = size_t{1} << 38;  // reserved, not used
constexpr size_t kKept = 1 << 20;               // free pages up to this are kept
constexpr unsigned char kBeyond = 0xa5;         // behind a block's bytes, up to its alignment

size_t roundUp(size_t value, size_t step) { return (value + step - 1) / step * step; }

struct Block {
  unsigned char* pages;
  size_t page_bytes, bytes;
};

struct Device {
  std::recursive_mutex mutex;
  unsigned char* begin;
  size_t taken = 0, used = 0, total;
  int unlocked = 0;   // kernels and copies that run now
  bool open = false;  // whether addresses can be used; until the queue is waited for
  const char* doing = "";
  std::map<unsigned char*, Block> blocks;                    // by address
  std::map<size_t, std::vector<unsigned char*>> free_pages;  // by size

  Device();
  ~Device();
  void protect(int how) {
    for (const auto& entry : blocks) mprotect(entry.second.pages, entry.second.page_bytes, how);
  }
};

Device& device() {
  static Device the_device;
  return the_device;
}

void say(const char* text) {
  const ssize_t written = write(2, text, std::strlen(text));
  (void)written;
}

const unsigned char* device_begin;  // for the handler

void onFault(int signal, siginfo_t* info, void*) {
  const auto* address = static_cast<const unsigned char*>(info->si_addr);
  if (device_begin != nullptr && address >= device_begin && address < device_begin + kAddresses) {
    if (device().unlocked > 0) {
      say("emulated CUDA: access outside device memory in ");
      say(device().doing);
      say("\n");
    } else {
      say("emulated CUDA: host code touched device memory\n");
    }
  }
  ::signal(signal, SIG_DFL);
}

Device::Device() {
  const char* memory = std::getenv("DC4J_EMULATED_MEMORY");
  total = memory == nullptr ? size_t{1} << 30 : std::strtoull(memory, nullptr, 10);
  void* reserved =
      mmap(nullptr, kAddresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) {
    say("emulated CUDA: no addresses for device memory\n");
    std::abort();
  }
  begin = static_cast<unsigned char*>(reserved);
  device_begin = begin;
  races::watch(races::device, begin, kAddresses);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const char* faults = std::getenv("DC4J_EMULATED_FAULTS");
  if (faults != nullptr && std::strcmp(faults, "silent") == 0) return;  // a JVM needs its handler
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
#else
  (void)onFault;
#endif
}

/** At the end of the program: what is left was leaked. */
Device::~Device() {
  if (blocks.empty()) return;
  std::fprintf(stderr,
               "emulated CUDA: %zu blocks of device memory leaked, the first of %zu bytes\n",
               blocks.size(), blocks.begin()->second.bytes);
  std::fflush(stderr);
  std::fflush(stdout);
  _exit(86);
}

const Block* blockOf(const void* pointer) {
  const auto* address = static_cast<const unsigned char*>(pointer);
  auto next = device().blocks.upper_bound(const_cast<unsigned char*>(address));
  if (next == device().blocks.begin()) return nullptr;
  --next;
  const Block& block = next->second;
  return address <= next->first + block.bytes ? &block : nullptr;
}

}  // namespace

void* allocateDevice(size_t bytes) {
  Device& d = device();
  std::lock_guard<std::recursive_mutex> lock(d.mutex);
  if (bytes > d.total - d.used) return nullptr;
  const size_t aligned = roundUp(bytes == 0 ? 1 : bytes, kAlignment);
  const size_t pages = roundUp(aligned, kPage);
  std::vector<unsigned char*>& reusable = d.free_pages[pages];
  unsigned char* start;
  if (reusable.empty()) {
    if (d.taken + pages + kPage > kAddresses) return nullptr;
    start = d.begin + d.taken;
    d.taken += pages + kPage;
  } else {
    start = reusable.back();
    reusable.pop_back();
  }
  if (mprotect(start, pages, PROT_READ | PROT_WRITE) != 0) return nullptr;
  unsigned char* memory = start + pages - aligned;
  std::memset(memory, 0xff, bytes);
  std::memset(memory + bytes, kBeyond, aligned - bytes);
  if (!d.open) mprotect(start, pages, PROT_NONE);
  d.blocks[memory] = {start, pages, bytes};
  d.used += bytes;
  return memory;
}

bool releaseDevice(void* memory) {
  Device& d = device();
  std::lock_guard<std::recursive_mutex> lock(d.mutex);
  const auto found = d.blocks.find(static_cast<unsigned char*>(memory));
  if (found == d.blocks.end()) return false;
  const Block block = found->second;
  if (!d.open) mprotect(block.pages, block.page_bytes, PROT_READ | PROT_WRITE);
  const auto* address = static_cast<const unsigned char*>(memory);
  for (const unsigned char* p = address + block.bytes; p < block.pages + block.page_bytes; p++) {
    if (*p == kBeyond) continue;
    std::fprintf(stderr, "emulated CUDA: a block of %zu bytes was written beyond its end\n",
                 block.bytes);
    std::abort();
  }
  if (block.page_bytes > kKept) madvise(block.pages, block.page_bytes, MADV_DONTNEED);
  mprotect(block.pages, block.page_bytes, PROT_NONE);
  d.used -= block.bytes;
  d.free_pages[block.page_bytes].push_back(block.pages);
  d.blocks.erase(found);
  return true;
}

bool isDevice(const void* pointer) {
  const auto* address = static_cast<const unsigned char*>(pointer);
  return address >= device().begin && address < device().begin + kAddresses;
}

bool inOneBlock(const void* pointer, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(device().mutex);
  const Block* block = blockOf(pointer);
  if (block == nullptr) return false;
  const auto* address = static_cast<const unsigned char*>(pointer);
  const unsigned char* end =
      block->pages + block->page_bytes -
      (roundUp(block->bytes == 0 ? 1 : block->bytes, kAlignment) - block->bytes);
  return bytes <= static_cast<size_t>(end - address);
}

size_t bytesOf(const void* memory) {
  std::lock_guard<std::recursive_mutex> lock(device().mutex);
  const auto found = device().blocks.find(static_cast<unsigned char*>(const_cast<void*>(memory)));
  return found == device().blocks.end() ? 0 : found->second.bytes;
}

size_t totalDevice() { return device().total; }
size_t freeDevice() { return device().total - device().used; }

Unlocked::Unlocked(const char* what) {
  Device& d = device();
  d.mutex.lock();
  if (d.unlocked++ > 0) return;
  d.doing = what;
  if (!d.open) d.protect(PROT_READ | PROT_WRITE);
  d.open = true;
}

Unlocked::~Unlocked() {
  Device& d = device();
  d.unlocked--;
  d.mutex.unlock();
}

void lockDevice() {
  Device& d = device();
  std::lock_guard<std::recursive_mutex> lock(d.mutex);
  if (d.open) d.protect(PROT_NONE);
  d.open = false;
}

}  // namespace dc4j_emulation

static dc4j_emulation::Unlocked* cublas_unlocked;

extern "C" {
void dc4j_emulation_unlock(const char* what) {
  cublas_unlocked = new dc4j_emulation::Unlocked(what);
}
void dc4j_emulation_lock() { delete cublas_unlocked; }
}
