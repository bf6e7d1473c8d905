// A thread of a kernel: a stack of its own, run until it waits.
#pragma once
#include <cstddef>

namespace dc4j_emulation {

struct FiberStack;

/** Runs on a stack of its own; resume() and wait() pass control to and fro. */
class Fiber {
 public:
  using Body = void (*)(void* argument);
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /** Starts body(argument) at the next resume(). The stack comes from a pool. */
  void start(Body body, void* argument);
  /** Runs until wait() or the end; true at the end, and the stack is given back. */
  bool resume();
  /** Back to resume(); from within the fiber. */
  void wait();
  /** Gives back the stack of a fiber that will not be resumed. */
  void drop();

 private:
  [[noreturn]] static void enter();
  FiberStack* stack_ = nullptr;
  Body body_ = nullptr;
  void* argument_ = nullptr;
  void* at_ = nullptr;      // the fiber's stack pointer while it waits
  void* caller_ = nullptr;  // resume()'s
  bool ended_ = false;
  void* own_fake_ = nullptr;
  void* caller_fake_ = nullptr;
  const void* caller_bottom_ = nullptr;
  size_t caller_size_ = 0;
};

}  // namespace dc4j_emulation
