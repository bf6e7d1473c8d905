#include "core/empty_clusters.h"

#include <algorithm>

#include "core/philox.h"

namespace dc4j {

FaissDonors::FaissDonors(uint64_t seed, int64_t k, int64_t* counts)
    : seed_(seed), k_(k), counts_(counts) {
  int64_t counted = 0;
  for (int64_t j = 0; j < k; j++) {
    counted += counts[j];
    givers_ += canGive(j);
  }
  spare_ = counted - k;
}

int64_t FaissDonors::donorFor(int64_t empty) {
  if (givers_ == 0) return -1;
  const int64_t donor = choose();
  counts_[empty] = counts_[donor] / 2;
  counts_[donor] -= counts_[empty];
  givers_ += canGive(empty) + canGive(donor) - 1;
  return donor;
}

int64_t FaissDonors::choose() {
  for (int64_t j = 0;; j = (j + 1) % k_) {
    const double share = static_cast<double>(counts_[j] - 1);
    if (spare_ <= 0 ? share > 0 : philoxUniform(seed_, draw_++) * spare_ < share) return j;
  }
}

FarthestDonors::FarthestDonors(int64_t n, const int32_t* labels, const float* distances,
                               int64_t* counts)
    : labels_(labels), counts_(counts) {
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= 0) order_.push_back(i);
  }
  std::sort(order_.begin(), order_.end(), [&](int64_t a, int64_t b) {
    return distances[a] != distances[b] ? distances[a] > distances[b] : a < b;
  });
}

int64_t FarthestDonors::rowFor(int64_t empty) {
  while (next_ < order_.size() && counts_[labels_[order_[next_]]] < 2) next_++;
  if (next_ == order_.size()) return -1;
  const int64_t row = order_[next_++];
  counts_[labels_[row]]--;
  counts_[empty] = 1;
  return row;
}

}  // namespace dc4j
