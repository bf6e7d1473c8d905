// Exceptions stop here: the only try/catch of the C layer.
#pragma once
#include <dc4j/context.h>
#include <dc4j/matrix.h>

#include <atomic>
#include <mutex>
#include <new>
#include <string>
#include <thread>

#include "abi/places.h"
#include "backend/select.h"
#include "core/error.h"
#include "core/workers.h"

struct dc4j_context {
  dc4j::Backend backend;
  dc4j::Workers workers;
  std::mutex running;                     // concurrent calls on one context run one after the other
  std::atomic<std::thread::id> runner{};  // whose turn it is, if anybody's
  dc4j_context(dc4j::Backend chosen, int threads)
      : backend(std::move(chosen)), workers(threads, backend.state.get()) {}
};

namespace dc4j {

void setLastError(const char* text) noexcept;

template <typename Body>
dc4j_status guard(const Body& body) noexcept {
  try {
    body();
    return DC4J_OK;
  } catch (const Error& error) {
    setLastError(error.what());
    return error.status();
  } catch (const std::bad_alloc&) {
    setLastError("out of native memory");
    return DC4J_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    setLastError(error.what());
    return DC4J_INTERNAL;
  } catch (...) {
    setLastError("unknown exception");
    return DC4J_INTERNAL;
  }
}

/** A call's turn on a context: its lock, and its device as the thread's current one. */
class Turn {
 public:
  explicit Turn(dc4j_context& context)
      : lock_(lockOf(context)), runner_(context.runner), state_(context.backend.state.get()) {
    if (state_ != nullptr) state_->enter();
    runner_ = std::this_thread::get_id();
  }
  ~Turn() {
    runner_ = std::thread::id();
    if (state_ != nullptr) state_->leave();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static std::unique_lock<std::mutex> lockOf(dc4j_context& context) {
    if (context.runner == std::this_thread::get_id()) {
      invalid("the context is in the middle of a call, which its own allocator is part of");
    }
    return std::unique_lock<std::mutex>(context.running);
  }

  std::unique_lock<std::mutex> lock_;
  std::atomic<std::thread::id>& runner_;
  BackendState* state_;
};

/** guard() for calls on a context: checks it, waits for its turn, body(kernels, workers). */
template <typename Body>
dc4j_status guardOn(dc4j_context* context, const Body& body) noexcept {
  return guard([&] {
    if (context == nullptr) invalid("context is NULL");
    const Turn turn(*context);
    body(context->backend.kernels, context->workers);
  });
}

// Argument checks shared by the entry points. `name` is the parameter's name in the header.
ConstMatrix input(Workers& workers, const dc4j_matrix* matrix, const char* name);
Matrix output(Workers& workers, dc4j_matrix* matrix, const char* name);
void requireShape(ConstMatrix matrix, const char* name, int64_t rows, int64_t cols);
void requireCols(ConstMatrix matrix, const char* name, int64_t cols);
/** pointer != NULL unless count == 0. */
void requirePointer(const void* pointer, const char* name, int64_t count = 1);

}  // namespace dc4j
