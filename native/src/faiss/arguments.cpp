#include "faiss/arguments.h"

#include <cmath>

#include "core/error.h"

namespace dc4j {

void requireFaissRange(const char* name, int64_t value, int64_t lowest, int64_t highest) {
  if (value < lowest || value > highest) {
    invalid(text(name, " is ", value, "; accepted: ", lowest, "..", highest));
  }
}

void requireFaissDims(int64_t dims, const char* name) {
  requireFaissRange(name, dims, 1, kMaxFaissDims);
}

void requireFaissPointer(const void* pointer, const char* name, int64_t count) {
  if (pointer == nullptr && count > 0) invalid(text(name, " is NULL"));
}

void requireFaissShape(const float* x, const char* name, int64_t n, int64_t d) {
  if (n < 0 || n > INT64_MAX / 8 / d) {
    invalid(text(name, " is [", n, " x ", d, "]; sizes must be >= 0 and fit the address space"));
  }
  requireFaissPointer(x, name, n);
}

double faissSquare(const float* row, int64_t d) {
  double square = 0;
  for (int64_t t = 0; t < d; t++) {
    const double value = static_cast<double>(row[t]);
    square += value * value;
  }
  return square;
}

void refuseFaissRow(const char* name, int64_t row, double square) {
  if (!std::isfinite(square)) notFinite(name, row);
  invalid(text("row ", row, " of ", name, " has norm ", std::sqrt(square),
               "; accepted: at most 2^61, since FAISS sums squared distances in fp32"));
}

void requireFaissRows(const float* x, const char* name, int64_t n, int64_t d) {
  requireFaissShape(x, name, n, d);
  for (int64_t i = 0; i < n; i++) {
    const double square = faissSquare(x + i * d, d);
    if (!(square <= kLargestFaissSquare)) refuseFaissRow(name, i, square);
  }
}

}  // namespace dc4j
