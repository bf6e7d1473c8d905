// max |x| over all of x; a row with NaN or infinity is an error.
#include <algorithm>
#include <cmath>

#include "backend/table.h"
#include "core/checks.h"

namespace dc4j {
namespace reference {

void largest_magnitude(Workers&, ConstMatrix x, const char* name, float* largest) {
  requireFinite(x, name);
  *largest = 0;
  for (int64_t i = 0; i < x.rows; i++) {
    for (int64_t t = 0; t < x.cols; t++) *largest = std::max(*largest, std::fabs(x.row(i)[t]));
  }
}

}  // namespace reference
}  // namespace dc4j
