#include "faiss/resident_kmeans.h"

#include <faiss/utils/distances.h>
#include <faiss/utils/random.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace dc4j {
namespace {

// Of faiss::Clustering: how far the halves of a split cluster are moved apart, the seed of the
// choice of the cluster, and the distance of the runs' seeds.
constexpr double kSplitShift = 1 / 1024.;
constexpr int64_t kSplitSeed = 1234, kRunSeeds = 15486557;

std::vector<int32_t> permutation(int64_t n, int64_t seed) {
  std::vector<int32_t> ids(static_cast<size_t>(n));
  ::faiss::rand_perm(ids.data(), ids.size(), seed);
  return ids;
}

/** One run of Lloyd's iterations. */
class Run {
 public:
  Run(const GpuRows& rows, int64_t n, int64_t k, const ::faiss::ClusteringParameters& parameters,
      ::faiss::Index& index)
      : rows_(rows),
        n_(n),
        k_(k),
        d_(index.d),
        parameters_(parameters),
        index_(index),
        centroids_(static_cast<size_t>(k * d_)),
        labels_(static_cast<size_t>(n)),
        distances_(static_cast<size_t>(n)) {}

  void go(int64_t seed) {
    rows_.read(permutation(n_, seed).data(), k_, centroids_.data());
    renew();
    for (int i = 0; i < parameters_.niter; i++) {
      index_.search(n_, rows_.data(), 1, distances_.data(), labels_.data());
      float sum = 0;
      for (const float distance : distances_) sum += distance;
      objectives_.push_back(static_cast<double>(sum));
      update();
      renew();
    }
  }

  double last() const { return objectives_.back(); }
  FaissClusters take() { return {std::move(centroids_), std::move(objectives_)}; }

 private:
  /** Puts the centroids into the index. */
  void renew() {
    if (parameters_.spherical) ::faiss::fvec_renorm_L2(d_, k_, centroids_.data());
    index_.reset();
    index_.add(k_, centroids_.data());
  }

  /** Means of the rows of each label. */
  void update() {
    std::vector<int64_t> starts(static_cast<size_t>(k_) + 1, 0);
    for (const int64_t label : labels_) {
      if (label < 0 || label >= k_) throw Error(DC4J_INTERNAL, "FAISS found no centroid for a row");
      starts[label + 1]++;
    }
    std::vector<float> counts(starts.begin() + 1, starts.end());
    for (int64_t j = 0; j < k_; j++) starts[j + 1] += starts[j];
    std::vector<int64_t> next(starts.begin(), starts.end() - 1);
    std::vector<int32_t> order(labels_.size());
    for (int64_t i = 0; i < n_; i++) order[next[labels_[i]]++] = static_cast<int32_t>(i);
    rows_.sum(order.data(), starts.data(), k_, centroids_.data());
    for (int64_t j = 0; j < k_; j++) {
      if (counts[j] == 0) continue;
      const float share = 1 / counts[j];
      for (int64_t t = 0; t < d_; t++) centroids_[j * d_ + t] *= share;
    }
    splitForEmpty(counts);
  }

  /** Each cluster without rows becomes half of another, drawn by its number of rows. */
  void splitForEmpty(std::vector<float>& counts) {
    ::faiss::RandomGenerator random(kSplitSeed);
    for (int64_t empty = 0; empty < k_; empty++) {
      if (counts[empty] != 0) continue;
      int64_t large = 0;
      for (;; large = (large + 1) % k_) {
        const float share = static_cast<float>((static_cast<double>(counts[large]) - 1.0) /
                                               static_cast<double>(static_cast<float>(n_ - k_)));
        if (random.rand_float() < share) break;
      }
      float *one = &centroids_[empty * d_], *other = &centroids_[large * d_];
      for (int64_t t = 0; t < d_; t++) {
        const double value = static_cast<double>(other[t]);
        const double sign = t % 2 == 0 ? 1 : -1;
        one[t] = static_cast<float>(value * (1 + sign * kSplitShift));
        other[t] = static_cast<float>(value * (1 - sign * kSplitShift));
      }
      counts[empty] = counts[large] / 2;
      counts[large] -= counts[empty];
    }
  }

  const GpuRows& rows_;
  int64_t n_, k_, d_;
  const ::faiss::ClusteringParameters& parameters_;
  ::faiss::Index& index_;
  std::vector<float> centroids_;
  std::vector<int64_t> labels_;
  std::vector<float> distances_;
  std::vector<double> objectives_;
};

/** As many rows as centroids: they are the centroids. Of drawn ones FAISS takes the first of all.
 */
FaissClusters copyOf(const GpuRows& rows, int64_t n, ::faiss::Index& index) {
  std::vector<int32_t> all(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; i++) all[i] = static_cast<int32_t>(i);
  FaissClusters result{std::vector<float>(static_cast<size_t>(n * index.d)), {0}};
  rows.read(all.data(), n, result.centroids.data());
  index.reset();
  index.add(n, result.centroids.data());
  return result;
}

}  // namespace

FaissClusters clusterResident(const GpuRows& rows, int64_t n, int64_t k,
                              const ::faiss::ClusteringParameters& parameters,
                              ::faiss::Index& index) {
  if (n < k) {
    invalid(text("Number of training points (", n, ") should be at least as large as number of ",
                 "clusters (", k, ")"));
  }
  const GpuRows* drawn = &rows;
  std::unique_ptr<GpuRows> subset;
  if (n > k * parameters.max_points_per_centroid) {
    const std::vector<int32_t> ids = permutation(n, parameters.seed);
    n = k * parameters.max_points_per_centroid;
    subset = rows.subset(ids.data(), n);
    drawn = subset.get();
  }
  if (n == k) return copyOf(rows, n, index);
  FaissClusters best;
  double least = 0;
  for (int run = 0; run < parameters.nredo; run++) {
    Run lloyd(*drawn, n, k, parameters, index);
    lloyd.go(parameters.seed + 1 + run * kRunSeeds);
    const double last = lloyd.last();
    const bool better =
        index.metric_type == ::faiss::METRIC_INNER_PRODUCT ? last > least : last < least;
    if (run > 0 && !better) continue;
    least = last;
    best = lloyd.take();
  }
  index.reset();
  index.add(k, best.centroids.data());
  return best;
}

}  // namespace dc4j
