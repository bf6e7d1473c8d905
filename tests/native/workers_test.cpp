// The thread pool of a context: every block once, by a thread there is, whatever their number; the
// first failure comes out and the pool goes on; a thread begins with its own part of a job.
#include "core/workers.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.h"

static void everyBlockOnce(int threads) {
  dc4j::Workers workers(threads);
  CHECK(workers.threads() == threads);
  for (int64_t blocks = 0; blocks < 700; blocks = blocks < 40 ? blocks + 1 : blocks * 3) {
    std::vector<int> times(size_t(blocks), 0), by(size_t(blocks), -1);
    workers.forEach(blocks, [&](int64_t block, int worker) {
      times[size_t(block)]++;
      by[size_t(block)] = worker;
    });
    for (int64_t block = 0; block < blocks; block++) {
      CHECK(times[size_t(block)] == 1, << block << " of " << blocks << ", " << threads);
      CHECK(by[size_t(block)] >= 0 && by[size_t(block)] < threads, << by[size_t(block)]);
    }
  }
  std::vector<int> rows(1003, 0);
  workers.forRows(1003, 10, [&](int64_t begin, int64_t end, int) {
    CHECK(end - begin <= 10 && begin % 10 == 0, << begin << " " << end);
    for (int64_t i = begin; i < end; i++) rows[size_t(i)]++;
  });
  for (const int times : rows) CHECK(times == 1);
}

static void failures(int threads) {
  dc4j::Workers workers(threads);
  for (int round = 0; round < 200; round++) {
    std::string caught;
    try {
      workers.forEach(50, [&](int64_t block, int) {
        if (block == 31) throw std::runtime_error("block 31");
      });
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "block 31", << caught);
    std::atomic<int> done{0};
    workers.forEach(50, [&](int64_t, int) { done++; });
    CHECK(done == 50);
  }
}

/** Where both threads keep step, each works on its own half; where one is held up, the other takes
 * what is left. */
static void parts() {
  dc4j::Workers workers(2);
  std::atomic<int> met[20] = {};
  std::vector<int> by(40, -1);
  workers.forEach(40, [&](int64_t block, int worker) {
    by[size_t(block)] = worker;
    std::atomic<int>& pair = met[block % 20];
    pair++;
    while (pair < 2) std::this_thread::yield();
  });
  for (int block = 0; block < 40; block++) {
    CHECK(by[size_t(block)] == block / 20, << block << " by " << by[size_t(block)]);
  }
  std::atomic<int> taken{0};
  workers.forEach(40, [&](int64_t block, int) {
    taken++;
    while (block == 20 && taken < 40) std::this_thread::yield();
  });
  CHECK(taken == 40);
}

int main() {
  for (int threads = 1; threads <= 5; threads++) {
    currentCase() = std::to_string(threads) + " threads";
    everyBlockOnce(threads);
    failures(threads);
  }
  parts();
  return finish();
}
