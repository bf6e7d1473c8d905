// The thread count of one call.
#pragma once
#include <cstdint>

namespace dc4j {

/** While it lives, FAISS's OpenMP regions started from this thread and OpenBLAS run on `threads`
 *  threads (1..1024, 0 = all cores). OpenBLAS has one setting for the whole process: of calls that
 *  overlap the latest wins, and the last to end restores what the first found. */
class FaissThreads {
 public:
  explicit FaissThreads(int32_t threads);
  ~FaissThreads();
  FaissThreads(const FaissThreads&) = delete;
  FaissThreads& operator=(const FaissThreads&) = delete;

 private:
  int previous_;
};

}  // namespace dc4j
