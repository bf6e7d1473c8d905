#include "faiss/threads.h"

#include <omp.h>

#include <mutex>

#include "faiss/arguments.h"

// Absent where the BLAS is not OpenBLAS: that one keeps its own thread count.
extern "C" {
void openblas_set_num_threads(int threads) __attribute__((weak));
int openblas_get_num_threads(void) __attribute__((weak));
}

namespace dc4j {
namespace {

std::mutex blas_lock;
int blas_users = 0;
int blas_previous = 1;

void enterBlas(int threads) {
  if (openblas_set_num_threads == nullptr || openblas_get_num_threads == nullptr) return;
  std::lock_guard<std::mutex> lock(blas_lock);
  if (blas_users++ == 0) blas_previous = openblas_get_num_threads();
  openblas_set_num_threads(threads);
}

void leaveBlas() {
  if (openblas_set_num_threads == nullptr || openblas_get_num_threads == nullptr) return;
  std::lock_guard<std::mutex> lock(blas_lock);
  if (--blas_users == 0) openblas_set_num_threads(blas_previous);
}

}  // namespace

FaissThreads::FaissThreads(int32_t threads) {
  requireFaissRange("threads", threads, 0, 1024);
  const int count = threads == 0 ? omp_get_num_procs() : threads;
  previous_ = omp_get_max_threads();
  enterBlas(count);
  omp_set_num_threads(count);
}

FaissThreads::~FaissThreads() {
  omp_set_num_threads(previous_);
  leaveBlas();
}

}  // namespace dc4j
