// A set of small ids that gives them back in increasing order: two levels of bits, so that taking
// out a few hundred of millions looks at little else. Instead of sorting lists.
#pragma once
#include <cstring>

#include "cpu/buffer.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

class IdSet {
 public:
  /** For ids in 0..limit-1; empty. */
  explicit IdSet(int64_t limit)
      : groups_(limit / 4096 + 1), words_(groups_ * 64), filled_(groups_) {
    std::memset(words_.data(), 0, static_cast<size_t>(groups_) * 512);
    std::memset(filled_.data(), 0, static_cast<size_t>(groups_) * 8);
  }

  void add(int64_t id) {
    words_[id >> 6] |= UINT64_C(1) << (id & 63);
    filled_[id >> 12] |= UINT64_C(1) << ((id >> 6) & 63);
  }

  /** take(id) for each, lowest first; the set is empty afterwards. */
  template <typename Take>
  void drain(const Take& take) {
    for (int64_t g = 0; g < groups_; g++) {
      for (uint64_t filled = filled_[g]; filled != 0; filled &= filled - 1) {
        const int64_t w = g * 64 + __builtin_ctzll(filled);
        for (uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
          take(w * 64 + __builtin_ctzll(bits));
        }
        words_[w] = 0;
      }
      filled_[g] = 0;
    }
  }

 private:
  int64_t groups_;
  Buffer<uint64_t> words_, filled_;
};

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
