#include "cpu/search_base.h"

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Of the bits of a row; equal rows have equal hashes. */
static uint64_t hashOf(const float* row, int64_t d) {
  uint64_t lanes[4] = {1, 2, 3, 4};
  for (int64_t t = 0; t < d; t++) {
    uint32_t bits;
    std::memcpy(&bits, row + t, sizeof bits);
    lanes[t % 4] = (lanes[t % 4] ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
    lanes[t % 4] ^= lanes[t % 4] >> 29;
  }
  uint64_t hash = 0;
  for (uint64_t lane : lanes) hash = (hash ^ lane) * UINT64_C(0xD6E8FEB86659FD93);
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
