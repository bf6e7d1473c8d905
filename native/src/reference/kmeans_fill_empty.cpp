// Re-seeds clusters of count 0, in index order. x [n x d], centroids [k x d]; O(k + n log n) once,
// then d per empty cluster, so no tier has a faster form.
//  faiss: walk the clusters cyclically from 0 and take j with probability (count_j - 1) / (N - k),
//  N =
//    the rows counted, one Philox draw per cluster visited (draws number on over the call); c_e =
//    c_j, then even coordinates of c_e are multiplied by 1 + 1/1024 and odd ones by 1 - 1/1024,
//    those of c_j the other way round; count_e = count_j / 2, count_j -= count_e. N <= k: the first
//    j with count_j > 1. No cluster with 2 rows: nothing is filled.
//  farthest: rows by (distance descending, row); a row is passed over if it is labelled -1 or the
//  last
//    one of its cluster; it moves from its cluster's count to the new one's (1).
#include <algorithm>
#include <vector>

#include "backend/table.h"
#include "core/checks.h"
#include "core/philox.h"

namespace dc4j {
namespace reference {
namespace {

class FaissSplit {
 public:
  FaissSplit(uint64_t seed, Matrix centroids, int64_t* counts)
      : seed_(seed), centroids_(centroids), counts_(counts) {
    int64_t counted = 0;
    for (int64_t j = 0; j < centroids.rows; j++) counted += counts[j];
    spare_ = counted - centroids.rows;
  }

  bool fill(int64_t empty) {
    if (*std::max_element(counts_, counts_ + centroids_.rows) < 2) return false;
    const int64_t donor = chooseDonor();
    for (int64_t t = 0; t < centroids_.cols; t++) {
      const float up = 1 + 1 / 1024.0f, down = 1 - 1 / 1024.0f;
      const float value = centroids_.row(donor)[t];
      centroids_.row(empty)[t] = value * (t % 2 == 0 ? up : down);
      centroids_.row(donor)[t] = value * (t % 2 == 0 ? down : up);
    }
    counts_[empty] = counts_[donor] / 2;
    counts_[donor] -= counts_[empty];
    return true;
  }

 private:
  int64_t chooseDonor() {
    for (int64_t j = 0;; j = (j + 1) % centroids_.rows) {
      const double share = static_cast<double>(counts_[j] - 1);
      if (spare_ <= 0 ? share > 0 : philoxUniform(seed_, draw_++) * spare_ < share) return j;
    }
  }

  uint64_t seed_, draw_ = 0;
  Matrix centroids_;
  int64_t* counts_;
  int64_t spare_ = 0;
};

class FarthestRows {
 public:
  FarthestRows(ConstMatrix x, const int32_t* labels, const float* distances, Matrix centroids,
               int64_t* counts)
      : x_(x), labels_(labels), centroids_(centroids), counts_(counts) {
    for (int64_t i = 0; i < x.rows; i++) {
      if (labels[i] >= 0) order_.push_back(i);
    }
    std::sort(order_.begin(), order_.end(), [&](int64_t a, int64_t b) {
      return distances[a] != distances[b] ? distances[a] > distances[b] : a < b;
    });
  }

  bool fill(int64_t empty) {
    while (next_ < order_.size() && counts_[labels_[order_[next_]]] < 2) next_++;
    if (next_ == order_.size()) return false;
    const int64_t row = order_[next_++];
    std::copy(x_.row(row), x_.row(row) + x_.cols, centroids_.row(empty));
    counts_[labels_[row]]--;
    counts_[empty] = 1;
    return true;
  }

 private:
  ConstMatrix x_;
  const int32_t* labels_;
  Matrix centroids_;
  int64_t* counts_;
  std::vector<int64_t> order_;
  size_t next_ = 0;
};

template <typename Filler>
int64_t fillAll(Filler filler, int64_t k, const int64_t* counts) {
  int64_t filled = 0;
  for (int64_t j = 0; j < k; j++) {
    if (counts[j] == 0 && filler.fill(j)) filled++;
  }
  return filled;
}

}  // namespace

void kmeans_fill_empty(Workers&, ConstMatrix x, const int32_t* labels, const float* distances,
                       int32_t policy, uint64_t seed, Matrix centroids, int64_t* counts,
                       int64_t* filled) {
  *filled = 0;
  const int64_t k = centroids.rows;
  if (policy == DC4J_EMPTY_KEEP || std::count(counts, counts + k, 0) == 0) return;
  requireFinite(centroids, "centroids");
  if (policy == DC4J_EMPTY_FAISS) {
    *filled = fillAll(FaissSplit(seed, centroids, counts), k, counts);
  } else {
    requireFinite(x, "x");
    requireDistances(distances, x.rows);
    *filled = fillAll(FarthestRows(x, labels, distances, centroids, counts), k, counts);
  }
}

}  // namespace reference
}  // namespace dc4j
