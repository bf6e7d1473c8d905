// ids[i] = the m rows of x of lowest (exact score, row), with or without i itself; places beyond
// them hold id -1 and distance +inf. x [n x d]; n^2 d multiply-adds in fp64.
#include <numeric>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void nearest_self(Workers& workers, ConstMatrix x, int64_t neighbours, bool itself, int64_t* ids,
                  float* distances) {
  requireFinite(x, "x");
  std::vector<int64_t> own(static_cast<size_t>(x.rows));
  std::iota(own.begin(), own.end(), 0);
  nearest(workers, x, x, neighbours, itself ? nullptr : own.data(), ids, distances);
}

}  // namespace reference
}  // namespace dc4j
