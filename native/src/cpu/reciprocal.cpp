#include "cpu/reciprocal.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int64_t kGrain = 256;

void rankRows(Workers& workers, const int64_t* table, int64_t columns, IdLists& rank) {
  workers.forRows(rank.rows, kGrain, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      int32_t* to = rank.row(i);
      int32_t count = 0;
      to[count++] = static_cast<int32_t>(i);
      for (int64_t p = 0; p < columns && count < rank.width; p++) {
        const int64_t id = table[i * columns + p];
        if (id >= 0 && id != i) to[count++] = static_cast<int32_t>(id);
      }
      rank.counts[i] = count;
    }
  });
}

void reciprocalRows(Workers& workers, const IdLists& rank, IdLists& mutual) {
  const auto places = [&](int64_t i) {
    return rank.counts[i] < mutual.width ? rank.counts[i] : mutual.width;
  };
  workers.forRows(rank.rows, kGrain, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      int32_t count = 0;
      for (int64_t p = 0; p < places(i); p++) {
        const int32_t j = rank.row(i)[p];
        const int32_t* back = rank.row(j);
        bool found = false;
        for (int64_t q = 0; q < places(j); q++) found |= back[q] == i;
        if (found) mutual.row(i)[count++] = j;
      }
      mutual.counts[i] = count;
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
