// Who gives an empty cluster its first centroid: the choices of kmeans_fill_empty, which need
// counts and an order of rows alone, for all backends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dc4j {

/** Walks the clusters cyclically from 0 and takes j with probability (count_j - 1) / (N - k), N =
 * the rows counted, one Philox draw per cluster visited (draws number on over the call); where N <=
 * k the first j with count_j > 1. The empty cluster then counts half of the donor's rows. */
class FaissDonors {
 public:
  /** counts [k], kept up to date. */
  FaissDonors(uint64_t seed, int64_t k, int64_t* counts);
  /** The donor, or -1: no cluster has 2 rows. */
  int64_t donorFor(int64_t empty);

 private:
  int64_t choose();
  bool canGive(int64_t j) const { return counts_[j] > 1; }
  uint64_t seed_, draw_ = 0;
  int64_t k_;
  int64_t* counts_;
  int64_t spare_ = 0, givers_ = 0;  // givers: clusters of 2 rows and more
};

/** Takes rows by (distance descending, row); passes over those labelled -1 and the last one of a
 * cluster. A row moves from its cluster's count to the new one's (1). */
class FarthestDonors {
 public:
  /** labels, distances [n] without NaN; counts [k], kept up to date. */
  FarthestDonors(int64_t n, const int32_t* labels, const float* distances, int64_t* counts);
  /** The row, or -1: there are no more. */
  int64_t rowFor(int64_t empty);

 private:
  const int32_t* labels_;
  int64_t* counts_;
  std::vector<int64_t> order_;
  size_t next_ = 0;
};

}  // namespace dc4j
