// ids[i] = the m rows of base of lowest (exact score, row), without exclude[i]; places beyond them
// hold id -1 and distance +inf. queries [q x d], base [n x d]; q n d multiply-adds in fp64.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/exact_score.h"

namespace dc4j {
namespace reference {

void nearest(Workers&, ConstMatrix queries, ConstMatrix base, int64_t neighbours,
             const int64_t* exclude, int64_t* ids, float* distances) {
  requireFinite(base, "base");
  requireFinite(queries, "queries");
  const int64_t d = queries.cols;
  std::vector<double> norms;
  for (int64_t j = 0; j < base.rows; j++) norms.push_back(exactDot(base.row(j), base.row(j), d));
  std::vector<std::pair<double, int64_t>> scored;
  for (int64_t i = 0; i < queries.rows; i++) {
    scored.clear();
    for (int64_t j = 0; j < base.rows; j++) {
      if (exclude != nullptr && exclude[i] == j) continue;
      scored.emplace_back(norms[j] - 2 * exactDot(queries.row(i), base.row(j), d), j);
    }
    const int64_t found = std::min<int64_t>(neighbours, static_cast<int64_t>(scored.size()));
    std::partial_sort(scored.begin(), scored.begin() + found, scored.end());
    for (int64_t p = 0; p < neighbours; p++) {
      const int64_t id = p < found ? scored[p].second : -1;
      ids[i * neighbours + p] = id;
      if (distances == nullptr) continue;
      distances[i * neighbours + p] =
          id < 0 ? std::numeric_limits<float>::infinity()
                 : static_cast<float>(exactSquaredDistance(queries.row(i), base.row(id), d));
    }
  }
}

}  // namespace reference
}  // namespace dc4j
