// Checks of argument values that need a loop; each names the first offender and what would be
// accepted.
#pragma once
#include <cstdint>

#include "core/precision.h"
#include "core/view.h"

namespace dc4j {

/** lowest <= labels[i] < k. */
void requireLabels(const int32_t* labels, int64_t n, int64_t lowest, int64_t k,
                   const char* name = "labels");
/** -1 <= exclude[i] < rows. */
void requireExcluded(const int64_t* exclude, int64_t n, int64_t rows);
/** Finite and >= 0. */
void requireWeights(const float* weights, int64_t k);
/** 0 <= counts[j] <= n. */
void requireCounts(const int64_t* counts, int64_t k, int64_t n);
/** No NaN among distances (infinity is what a distance beyond fp32 becomes). */
void requireDistances(const float* distances, int64_t n);
/** No NaN or infinity. */
void requireFinite(ConstMatrix matrix, const char* name);
/** No NaN or infinity in the rows that the labels name; negative labels name none. */
void requireFiniteRows(ConstMatrix matrix, const char* name, const int32_t* labels, int64_t n);
/** The precision a DC4J_PRECISION_ code stands for. */
Precision precisionOf(int32_t code);
/** The two views share no byte; those of different strides lie one behind the other. */
void requireDisjoint(ConstMatrix a, const char* name_a, ConstMatrix b, const char* name_b);

}  // namespace dc4j
