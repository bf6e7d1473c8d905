// The thread pool of a context: static blocks, dynamic hand-out, results independent of who runs
// what.
#pragma once
#include <cstdint>
#include <memory>

namespace dc4j {

class BackendState;

class Workers {
 public:
  /** threads >= 1 counts the calling thread. */
  explicit Workers(int threads, BackendState* backend = nullptr);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const;

  /** What the context's backend keeps for it (core/backend_state.h); NULL on the CPU. */
  BackendState* backend() const { return backend_; }

  /** Runs body(state, block, worker) for every block in [0, blocks), worker in [0, threads()).
   * Blocks are handed out dynamically, so a body may only write what belongs to its block (or to
   * its worker, if what is built from that does not depend on which blocks the worker got). The
   * first exception thrown by a body is rethrown here after all workers have stopped. */
  template <typename Body>
  void forEach(int64_t blocks, const Body& body) {
    run(
        blocks,
        [](const void* state, int64_t block, int worker) {
          (*static_cast<const Body*>(state))(block, worker);
        },
        &body);
  }

  /** forEach over row ranges: body(begin, end, worker) with end - begin <= grain. */
  template <typename Body>
  void forRows(int64_t rows, int64_t grain, const Body& body) {
    forEach((rows + grain - 1) / grain, [&](int64_t block, int worker) {
      const int64_t begin = block * grain;
      body(begin, begin + grain < rows ? begin + grain : rows, worker);
    });
  }

 private:
  using Call = void (*)(const void* state, int64_t block, int worker);
  void run(int64_t blocks, Call call, const void* state);
  struct Pool;
  std::unique_ptr<Pool> pool_;
  BackendState* backend_;
  int process_;  // whose threads they are
};

}  // namespace dc4j
