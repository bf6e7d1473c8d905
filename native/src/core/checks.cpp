#include "core/checks.h"

#include <dc4j/context.h>

#include <cmath>
#include <functional>

#include "core/error.h"

namespace dc4j {

void requireLabels(const int32_t* labels, int64_t n, int64_t lowest, int64_t k, const char* name) {
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= lowest && labels[i] < k) continue;
    if (lowest < -1) {
      invalid(text(name, "[", i, "] is ", labels[i], "; accepted: negative, or below ", k));
    }
    invalid(text(name, "[", i, "] is ", labels[i], "; accepted: ", lowest, "..", k - 1));
  }
}

Precision precisionOf(int32_t code) {
  if (code != DC4J_PRECISION_FP32 && code != DC4J_PRECISION_FAST) {
    invalid(text("precision is ", code, "; accepted: 0 (fp32), 1 (fast)"));
  }
  return code == DC4J_PRECISION_FAST ? Precision::fast : Precision::fp32;
}

void requireExcluded(const int64_t* exclude, int64_t n, int64_t rows) {
  for (int64_t i = 0; i < n; i++) {
    if (exclude[i] < -1 || exclude[i] >= rows) {
      invalid(text("exclude[", i, "] is ", exclude[i], "; accepted: -1..", rows - 1));
    }
  }
}

void requireWeights(const float* weights, int64_t k) {
  for (int64_t j = 0; j < k; j++) {
    if (!(weights[j] >= 0) || !std::isfinite(weights[j])) {
      invalid(text("class_weights[", j, "] is ", weights[j], "; accepted: finite and >= 0"));
    }
  }
}

void requireCounts(const int64_t* counts, int64_t k, int64_t n) {
  for (int64_t j = 0; j < k; j++) {
    if (counts[j] < 0 || counts[j] > n) {
      invalid(text("counts[", j, "] is ", counts[j], "; accepted: 0..", n));
    }
  }
}

void requireDistances(const float* distances, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    if (std::isnan(distances[i])) {
      throw Error(DC4J_NOT_FINITE, text("distances holds NaN, first in row ", i));
    }
  }
}

static bool finiteRow(ConstMatrix matrix, int64_t i) {
  float zero = 0;  // stays 0 while every entry is finite
  for (int64_t t = 0; t < matrix.cols; t++) zero += matrix.row(i)[t] * 0;
  return zero == 0;
}

void requireFinite(ConstMatrix matrix, const char* name) {
  for (int64_t i = 0; i < matrix.rows; i++) {
    if (!finiteRow(matrix, i)) notFinite(name, i);
  }
}

void requireFiniteRows(ConstMatrix matrix, const char* name, const int32_t* labels, int64_t n) {
  int64_t bad = -1;
  for (int64_t i = 0; i < n; i++) {
    const int64_t row = labels[i];
    if (row >= 0 && (bad < 0 || row < bad) && !finiteRow(matrix, row)) bad = row;
  }
  if (bad >= 0) notFinite(name, bad);
}

/** Whether rows of two views of one stride meet: row i of a and row j of b do where b begins less
 * than a's columns behind it, or less than b's before. */
static bool meet(ConstMatrix a, ConstMatrix b) {
  const auto address = [](const float* data) { return reinterpret_cast<intptr_t>(data); };
  const int64_t size = sizeof(float), stride = a.stride * size;
  const int64_t apart = address(b.data) - address(a.data);
  const int64_t nearest = apart / stride - (apart % stride < 0);  // rows of a up to b's first
  for (int64_t rows : {nearest, nearest + 1}) {
    const int64_t rest = apart - rows * stride;
    const bool both_have_it = rows > -b.rows && rows < a.rows;
    if (both_have_it && rest < a.cols * size && -rest < b.cols * size) return true;
  }
  return false;
}

void requireDisjoint(ConstMatrix a, const char* name_a, ConstMatrix b, const char* name_b) {
  if (a.rows == 0 || a.cols == 0 || b.rows == 0 || b.cols == 0) return;
  const std::less_equal<const float*> before;
  const float* a_end = a.row(a.rows - 1) + a.cols;
  const float* b_end = b.row(b.rows - 1) + b.cols;
  if (before(a_end, b.data) || before(b_end, a.data)) return;
  if (a.stride != b.stride || meet(a, b)) invalid(text(name_a, " and ", name_b, " overlap"));
}

}  // namespace dc4j
