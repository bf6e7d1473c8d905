#include "core/workers.h"

#include <unistd.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/backend_state.h"
#include "core/error.h"

namespace dc4j {

/** Blocks of a job that are left of a thread's part; in a cache line of its own. */
struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t end = 0;
};

struct Workers::Pool {
  static constexpr int kTurns = 1000;  // of a few dozen clocks
  std::mutex mutex;
  std::condition_variable start, done;
  std::vector<std::thread> threads;
  std::atomic<uint64_t> generation{0};  // written under the lock
  bool open = false;            // whether a thread may still join the job of this generation
  std::atomic<int> running{0};  // threads that have joined it; written under the lock
  bool closing = false;
  // The job of the current generation.
  Call call = nullptr;
  const void* state = nullptr;
  std::unique_ptr<Share[]> shares;  // one per thread
  std::exception_ptr failure;

  int64_t size() const { return static_cast<int64_t>(threads.size()) + 1; }

  /** Every thread begins with its own share, neighbouring blocks, the same in every job of as many:
   * what it read or wrote there lies in its own caches, and threads seldom meet at a counter. Then
   * it takes what is left of the others'. */
  void deal(int64_t blocks) {
    for (int64_t w = 0; w < size(); w++) {
      shares[w].next.store(blocks * w / size(), std::memory_order_relaxed);
      shares[w].end = blocks * (w + 1) / size();
    }
  }

  void work(int worker) {
    try {
      for (int64_t w = 0; w < size(); w++) {
        Share& share = shares[(worker + w) % size()];
        for (;;) {
          const int64_t block = share.next.fetch_add(1, std::memory_order_relaxed);
          if (block >= share.end) break;
          call(state, block, worker);
        }
      }
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
      for (int64_t w = 0; w < size(); w++) {
        shares[w].next.store(shares[w].end, std::memory_order_relaxed);
      }
    }
  }

  /** Waits a little without sleeping: kernels that run in rounds start a job every few dozen
   * microseconds, and the last block of one is done in less. Waking a sleeper takes as long. */
  template <typename Condition>
  static void lookOut(const Condition& reached) {
    for (int turn = 0; turn < kTurns && !reached(); turn++) relax();
  }

  static void relax() {
#if defined(__SSE2__)
    _mm_pause();
#endif
  }

  /** Ends the threads. */
  void close() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      closing = true;
    }
    start.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void loop(int worker) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      if (seen != 0) {
        lock.unlock();
        lookOut([&] { return generation.load(std::memory_order_relaxed) != seen; });
        lock.lock();
      }
      start.wait(lock, [&] { return closing || (open && generation != seen); });
      if (closing) return;
      seen = generation;
      running++;
      lock.unlock();
      work(worker);
      lock.lock();
      if (--running == 0) done.notify_one();
    }
  }
};

Workers::Workers(int threads, BackendState* backend)
    : pool_(new Pool), backend_(backend), process_(getpid()) {
  if (backend != nullptr) backend->attach(*this);
  pool_->shares.reset(new Share[static_cast<size_t>(threads)]);
  try {
    for (int worker = 1; worker < threads; worker++) {
      pool_->threads.emplace_back([pool = pool_.get(), worker] { pool->loop(worker); });
    }
  } catch (const std::exception& error) {
    const int64_t started = pool_->size();
    pool_->close();
    throw Error(DC4J_INTERNAL, text("only ", started, " of ", threads,
                                    " threads were to be had: ", error.what(), "; ask for fewer"));
  }
}

Workers::~Workers() {
  // In a child of fork there are no threads to end, and nothing can be asked of their handles.
  if (getpid() != process_) {
    pool_.release();
  } else {
    pool_->close();
  }
}

int Workers::threads() const { return static_cast<int>(pool_->threads.size()) + 1; }

void Workers::run(int64_t blocks, Call call, const void* state) {
  Pool& pool = *pool_;
  if (blocks <= 0) return;
  if (blocks == 1 || pool.threads.empty()) {
    for (int64_t block = 0; block < blocks; block++) call(state, block, 0);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(pool.mutex);
    pool.call = call;
    pool.state = state;
    pool.deal(blocks);
    pool.failure = nullptr;
    pool.open = true;
    pool.generation++;
  }
  pool.start.notify_all();
  pool.work(0);
  // Every block is handed out. A thread that has not woken up by now would find nothing to do:
  // waiting for it is what would make small jobs slower on more threads.
  std::unique_lock<std::mutex> lock(pool.mutex);
  pool.open = false;
  if (pool.running > 0) {
    lock.unlock();
    Pool::lookOut([&] { return pool.running.load(std::memory_order_relaxed) == 0; });
    lock.lock();
  }
  pool.done.wait(lock, [&] { return pool.running == 0; });
  if (pool.failure) std::rethrow_exception(pool.failure);
}

}  // namespace dc4j
