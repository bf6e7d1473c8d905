#include "cpu/search_base.h"

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef uint32_t RowBits __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
/** The same by value. */
typedef uint32_t Mixing __attribute__((vector_size(4 * kLanes)));

/** Of the bits of a row; equal rows have equal hashes. */
static uint64_t hashOf(const float* row, int64_t d) {
  Mixing lanes;
  for (int l = 0; l < kLanes; l++) lanes[l] = static_cast<uint32_t>(l + 1);
  const auto mix = [&](Mixing bits) {
    lanes = (lanes ^ bits) * UINT32_C(0x9E3779B1);
    lanes ^= lanes >> 15;
  };
  int64_t t = 0;
  for (; t + kLanes <= d; t += kLanes) mix(*reinterpret_cast<const RowBits*>(row + t));
  if (t < d) {
    Mixing rest = {};
    std::memcpy(&rest, row + t, static_cast<size_t>(d - t) * sizeof(float));
    mix(rest);
  }
  uint64_t hash = 0;
  for (int l = 0; l < kLanes; l++) hash = (hash ^ lanes[l]) * UINT64_C(0xD6E8FEB86659FD93);
  return hash ^ hash >> 32;
}

SearchBase::SearchBase(Workers& workers, ConstMatrix base, const char* name, int64_t copies)
    : base_(base),
      norms_(base.rows),
      lengths_(base.rows),
      hashes_(base.rows),
      left_out_(base.rows),
      outlier_ids_(base.rows) {
  measure(workers, name);
  markCopies(copies);
  for (int64_t j = 0; j < base.rows; j++) {
    if (norms_[j] > kLargestSquare && !left_out_[j]) outlier_ids_[outliers_++] = j;
  }
}

void SearchBase::measure(Workers& workers, const char* name) {
  FirstRow bad;
  workers.forRows(base_.rows, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t j = begin; j < end; j++) {
      norms_[j] = exactDot(base_.row(j), base_.row(j), base_.cols);
      lengths_[j] = std::sqrt(norms_[j]);
      hashes_[j] = hashOf(base_.row(j), base_.cols);
      if (!std::isfinite(norms_[j])) bad.report(j);
    }
  });
  if (bad.row() >= 0) notFinite(name, bad.row());
}

void SearchBase::markCopies(int64_t copies) {
  int64_t size = 16;
  while (size < 2 * base_.rows) size *= 2;
  struct Group {
    int64_t first, rows;
  };
  Buffer<Group> groups(size);  // open addressing
  for (int64_t s = 0; s < size; s++) groups[s].rows = 0;
  const size_t bytes = static_cast<size_t>(base_.cols) * sizeof(float);
  for (int64_t j = 0; j < base_.rows; j++) {
    int64_t s = static_cast<int64_t>(hashes_[j] & static_cast<uint64_t>(size - 1));
    while (groups[s].rows > 0 &&
           (hashes_[groups[s].first] != hashes_[j] ||
            (bytes > 0 && std::memcmp(base_.row(groups[s].first), base_.row(j), bytes) != 0))) {
      s = (s + 1) & (size - 1);
    }
    if (groups[s].rows == 0) groups[s].first = j;
    left_out_[j] = groups[s].rows >= copies;
    groups[s].rows++;
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
