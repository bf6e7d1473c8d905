// Checks of what callers pass; FAISS itself trusts its arguments.
#pragma once
#include <cstdint>

namespace dc4j {

constexpr int64_t kMaxFaissDims = int64_t{1} << 20;
// |x - c|^2 <= 4 * 2^122 stays finite in fp32 with room for rounding.
constexpr double kLargestFaissSquare = 0x1p122;

void requireFaissDims(int64_t dims, const char* name);

/** x [n x d] can be read, its rows are finite and short enough for squared distances in fp32. */
void requireFaissRows(const float* x, const char* name, int64_t n, int64_t d);

/** x [n x d] fits the address space and is there; its values are not looked at. */
void requireFaissShape(const float* x, const char* name, int64_t n, int64_t d);

/** Sum of the squares of a row. */
double faissSquare(const float* row, int64_t d);

/** Throws: `square` of this row is no number or beyond kLargestFaissSquare. */
[[noreturn]] void refuseFaissRow(const char* name, int64_t row, double square);

/** The pointer is there, unless it stands for no element. */
void requireFaissPointer(const void* pointer, const char* name, int64_t count = 1);

/** lowest <= value <= highest. */
void requireFaissRange(const char* name, int64_t value, int64_t lowest, int64_t highest);

}  // namespace dc4j
