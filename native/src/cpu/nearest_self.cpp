// ids[i] = the m rows of x of lowest (exact score, row), with or without i itself; places beyond
// them hold id -1 and distance +inf. x [n x d]; n^2 d / 2 multiply-adds (search_self.h). Judge:
// reference/nearest_self.cpp, same bits.
#include "cpu/neighbour_sink.h"
#include "cpu/search_self.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void nearest_self(Workers& workers, ConstMatrix x, int64_t neighbours, bool itself, int64_t* ids,
                  float* distances) {
  searchSelf(workers, x, "x", neighbours, itself, NeighbourSink(neighbours, ids, distances));
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
