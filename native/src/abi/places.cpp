#include "abi/places.h"

#include "core/checks.h"

namespace dc4j {

bool onHost(Workers& workers, const void* pointer, const char* name) {
  if (workers.backend() == nullptr) return true;
  const Place place = workers.backend()->placeOf(pointer);
  if (place == Place::elsewhere) {
    invalid(text(name, " lies on another CUDA device; accepted: host memory, or the context's"));
  }
  return place != Place::device;
}

HostMatrix::HostMatrix(Workers& workers, Matrix matrix, const char* name)
    : workers_(workers), from_(matrix), view_(matrix) {
  if (matrix.rows == 0 || matrix.cols == 0 || onHost(workers, matrix.data, name)) return;
  copy_.resize(static_cast<size_t>(matrix.rows * matrix.cols));
  view_ = {copy_.data(), matrix.rows, matrix.cols, matrix.cols};
  for (int64_t i = 0; i < matrix.rows; i++) {
    const int64_t bytes = matrix.cols * static_cast<int64_t>(sizeof(float));
    const bool dense = matrix.stride == matrix.cols;
    workers.backend()->copy(view_.row(i), matrix.row(i), dense ? bytes * matrix.rows : bytes);
    if (dense) break;
  }
}

HostMatrix::HostMatrix(Workers& workers, ConstMatrix matrix, const char* name)
    : HostMatrix(workers,
                 Matrix{const_cast<float*>(matrix.data), matrix.rows, matrix.cols, matrix.stride},
                 name) {}

void HostMatrix::write() {
  if (copy_.empty()) return;
  for (int64_t i = 0; i < from_.rows; i++) {
    const int64_t bytes = from_.cols * static_cast<int64_t>(sizeof(float));
    const bool dense = from_.stride == from_.cols;
    workers_.backend()->copy(from_.row(i), view_.row(i), dense ? bytes * from_.rows : bytes);
    if (dense) break;
  }
}

/** The host's check of the one element that the device found, for the same text. */
template <typename T, typename Check>
static void requireRange(Workers& workers, const T* values, int64_t n, int64_t lowest, int64_t end,
                         const char* name, const Check& check) {
  if (n == 0 || onHost(workers, values, name)) {
    check(values, n);
    return;
  }
  const int64_t first = workers.backend()->firstOutside(values, n, lowest, end);
  if (first < 0) return;
  // The check counts from the start, so it is given an array whose earlier entries pass.
  std::vector<T> copy(static_cast<size_t>(first + 1), static_cast<T>(lowest < 0 ? -1 : lowest));
  workers.backend()->copy(&copy.back(), values + first, sizeof(T));
  check(copy.data(), first + 1);
}

void requireLabels(Workers& workers, const int32_t* labels, int64_t n, int64_t lowest, int64_t k,
                   const char* name) {
  requireRange(workers, labels, n, lowest, k, name, [&](const int32_t* values, int64_t count) {
    requireLabels(values, count, lowest, k, name);
  });
}

void requireExcluded(Workers& workers, const int64_t* exclude, int64_t n, int64_t rows) {
  requireRange(workers, exclude, n, -1, rows, "exclude",
               [&](const int64_t* values, int64_t count) { requireExcluded(values, count, rows); });
}

void requireCounts(Workers& workers, const int64_t* counts, int64_t k, int64_t n) {
  requireRange(workers, counts, k, 0, n + 1, "counts",
               [&](const int64_t* values, int64_t count) { requireCounts(values, count, n); });
}

void requireWeights(Workers& workers, const float* weights, int64_t k) {
  requireWeights(HostArray<float>(workers, weights, k, "class_weights").data(), k);
}

}  // namespace dc4j
