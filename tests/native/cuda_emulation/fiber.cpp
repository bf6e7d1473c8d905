#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

// Saves the registers that a call keeps (System V ABI for x86-64) and the stack pointer, takes the
// others.
asm(R"(
.text
.p2align 4
.type dc4j_emulation_switch, @function
dc4j_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size dc4j_emulation_switch, . - dc4j_emulation_switch
)");
extern "C" void dc4j_emulation_switch(void** from, void* to) __attribute__((visibility("hidden")));

namespace dc4j_emulation {

namespace {
constexpr size_t kStackBytes = 256 << 10, kGuard = 4096;
Fiber* starting;  // the fiber that runs for the first time
}  // namespace

struct FiberStack {
  unsigned char* memory;
  FiberStack() {
    void* mapped = mmap(nullptr, kStackBytes + kGuard, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED || mprotect(mapped, kGuard, PROT_NONE) != 0) {
      std::fprintf(stderr, "emulated CUDA: no memory for the stack of a thread\n");
      std::abort();
    }
    memory = static_cast<unsigned char*>(mapped) + kGuard;
  }
};

static std::vector<FiberStack*>& pool() {
  static std::vector<FiberStack*> stacks;
  return stacks;
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
  // As if enter() had been called: its return address slot keeps the stack aligned as the ABI
  // wants.
  auto* top = reinterpret_cast<uint64_t*>(stack_->memory + kStackBytes);
  *--top = 0;
  *--top = reinterpret_cast<uint64_t>(&Fiber::enter);
  for (int saved = 0; saved < 6; saved++) *--top = 0;
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
  dc4j_emulation_switch(&unused, self->caller_);
  std::abort();
}

bool Fiber::resume() {
  starting = this;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&caller_fake_, stack_->memory, kStackBytes);
#endif
  dc4j_emulation_switch(&caller_, at_);
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
  dc4j_emulation_switch(&at_, caller_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own_fake_, &caller_bottom_, &caller_size_);
#endif
}

void Fiber::drop() {
  if (stack_ != nullptr) pool().push_back(stack_);
  stack_ = nullptr;
}

}  // namespace dc4j_emulation
