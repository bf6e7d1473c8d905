#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace dc4j_emulation {

namespace {
constexpr size_t kStackBytes = 256 << 10, kGuard = 4096;
constexpr size_t kColours = 61, kColour = 576;
Fiber* starting;  // the fiber that runs for the first time

/** Leaves the stack pointer in *from and goes on at `to`, which a switch left so (System V ABI for
 * x86-64). In line and by a jump: a call that returns elsewhere is predicted wrongly every time.
 * All registers count as changed, so the compiler keeps what it still needs; the 128 bytes below
 * the stack pointer are the function's. */
__attribute__((always_inline)) inline void switchStacks(void** from, void* to) {
  asm volatile(
      "leaq -128(%%rsp), %%rsp\n"
      "pushq %%rbp\n"
      "leaq 1f(%%rip), %%rax\n"
      "pushq %%rax\n"
      "movq %%rsp, (%0)\n"
      "movq %1, %%rsp\n"
      "popq %%rax\n"
      "jmpq *%%rax\n"
      "1:\n"
      "popq %%rbp\n"
      "leaq 128(%%rsp), %%rsp\n"
      : "+D"(from), "+S"(to)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
        "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
        "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
}
}  // namespace

struct FiberStack {
  unsigned char* memory;
  size_t bytes;  // less than there are: tops at the same place of a page would share cache sets
  FiberStack() {
    void* mapped = mmap(nullptr, kStackBytes + kGuard, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED || mprotect(mapped, kGuard, PROT_NONE) != 0) {
      std::fprintf(stderr, "emulated CUDA: no memory for the stack of a thread\n");
      std::abort();
    }
    memory = static_cast<unsigned char*>(mapped) + kGuard;
    static size_t made = 0;
    bytes = kStackBytes - made++ % kColours * kColour;
  }
};

/** Never destroyed: its stacks are still used when other statics end. */
static std::vector<FiberStack*>& pool() {
  static auto* stacks = new std::vector<FiberStack*>;
  return *stacks;
}

void Fiber::start(Body body, void* argument) {
  if (pool().empty()) {
    stack_ = new FiberStack;
  } else {
    stack_ = pool().back();
    pool().pop_back();
  }
  body_ = body;
  argument_ = argument;
  ended_ = false;
  // As if enter() had been called: the return address keeps the stack aligned as the ABI wants.
  auto* top = reinterpret_cast<uint64_t*>(stack_->memory + stack_->bytes);
  *--top = 0;
  *--top = reinterpret_cast<uint64_t>(&Fiber::enter);
  at_ = top;
  own_fake_ = nullptr;
}

void Fiber::enter() {
  Fiber* self = starting;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &self->caller_bottom_, &self->caller_size_);
#endif
  self->body_(self->argument_);
  self->ended_ = true;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, self->caller_bottom_, self->caller_size_);
#endif
  void* unused;
  switchStacks(&unused, self->caller_);
  std::abort();
}

bool Fiber::resume() {
  starting = this;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&caller_fake_, stack_->memory, stack_->bytes);
#endif
  switchStacks(&caller_, at_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(caller_fake_, nullptr, nullptr);
#endif
  if (!ended_) return false;
  drop();
  return true;
}

void Fiber::wait() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&own_fake_, caller_bottom_, caller_size_);
#endif
  switchStacks(&at_, caller_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own_fake_, &caller_bottom_, &caller_size_);
#endif
}

void Fiber::drop() {
#if defined(__SANITIZE_ADDRESS__)
  // Frames that were never left keep what lies between their variables closed.
  if (stack_ != nullptr) __asan_unpoison_memory_region(stack_->memory, kStackBytes);
#endif
  if (stack_ != nullptr) pool().push_back(stack_);
  stack_ = nullptr;
}

}  // namespace dc4j_emulation
