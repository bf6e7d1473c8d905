// The thread pool of a context: every block once, by a thread there is, whatever their number; the
// first failure comes out and the pool goes on; a thread begins with its own part of a job.
#include "core/workers.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.h"
#include "core/error.h"

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

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/** More threads than there are addresses for their stacks: an error, and those that started end. */
static void tooMany() {
  const pid_t child = fork();
  if (child == 0) {
    long pages = 0;
    std::FILE* sizes = std::fopen("/proc/self/statm", "r");
    if (sizes == nullptr || std::fscanf(sizes, "%ld", &pages) != 1) _exit(3);
    const rlim_t bytes = rlim_t(pages) * 4096 + (rlim_t{256} << 20);
    const rlimit limit = {bytes, bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(4);
    try {
      const dc4j::Workers workers(4000);
    } catch (const dc4j::Error& error) {
      const std::string said = error.what();
      _exit(said.find("of 4000 threads were to be had") != std::string::npos ? 0 : 5);
    }
    _exit(6);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, << status);
}
#else
static void tooMany() {}
#endif

/** A child of fork has a copy of the pool but none of its threads. */
static void afterFork() {
  auto* workers = new dc4j::Workers(4);
  std::atomic<int> met{0};
  workers->forEach(100, [&](int64_t, int) { met++; });
  const pid_t child = fork();
  if (child == 0) {
    delete workers;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, << status);
  workers->forEach(100, [&](int64_t, int) { met++; });
  CHECK(met == 200);
  delete workers;
}

int main() {
  tooMany();
  afterFork();
  for (int threads = 1; threads <= 5; threads++) {
    currentCase() = std::to_string(threads) + " threads";
    everyBlockOnce(threads);
    failures(threads);
  }
  parts();
  return finish();
}
