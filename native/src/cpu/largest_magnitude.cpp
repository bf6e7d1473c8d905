// max |x| over all of x [n x d], one pass; rows with NaN or infinity are an error. Judge:
// reference/largest_magnitude.cpp, same bits.
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/buffer.h"
#include "cpu/finite.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void largest_magnitude(Workers& workers, ConstMatrix x, const char* name, float* result) {
  FirstRow bad;
  Buffer<float> largest(workers.threads());
  for (int w = 0; w < workers.threads(); w++) largest[w] = 0;
  workers.forRows(x.rows, 512, [&](int64_t begin, int64_t end, int worker) {
    for (int64_t i = begin; i < end; i++) {
      const float value = largestMagnitude(x.row(i), nullptr, x.cols);
      if (!std::isfinite(value)) bad.report(i);
      if (value > largest[worker]) largest[worker] = value;
    }
  });
  if (bad.row() >= 0) notFinite(name, bad.row());
  *result = 0;
  for (int w = 0; w < workers.threads(); w++) {
    if (largest[w] > *result) *result = largest[w];
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
