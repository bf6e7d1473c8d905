// kmeans_assign for rows whose labels were exact under `previous`, where not every centroid moved
// since. x [n x d], centroids and previous [k x d]. Judge: reference/kmeans_follow.cpp, same
// labels.
//
// Say the exact score of row i and its own centroid is not above what it was under previous. Any
// centroid j that has the same bits as then has the same score as then, and lost to the own one by
// (score, j) then: it loses now. So i meets the moved centroids and its own alone; rows whose score
// rose meet all. n d multiply-adds for the scores, then those of the pairs that meet.
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/finite.h"
#include "cpu/label_sink.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

/** The centroids that moved, side by side. */
class Moved {
 public:
  Moved(ConstMatrix centroids, ConstMatrix previous)
      : d_(centroids.cols), ids_(centroids.rows), places_(centroids.rows) {
    const size_t bytes = static_cast<size_t>(d_) * sizeof(float);
    for (int64_t j = 0; j < centroids.rows; j++) {
      const bool same = bytes == 0 || std::memcmp(centroids.row(j), previous.row(j), bytes) == 0;
      places_[j] = same ? -1 : static_cast<int32_t>(count_);
      if (!same) ids_[count_++] = j;
    }
  }
  int64_t count() const { return count_; }
  int64_t id(int64_t place) const { return ids_[place]; }
  /** -1: did not move. */
  int32_t place(int64_t j) const { return places_[j]; }
  void gather(ConstMatrix centroids, float* rows) const {
    for (int64_t p = 0; p < count_; p++) {
      for (int64_t t = 0; t < d_; t++) rows[p * d_ + t] = centroids.row(ids_[p])[t];
    }
  }

 private:
  int64_t d_, count_ = 0;
  Buffer<int64_t> ids_;
  Buffer<int32_t> places_;
};

double scoreOf(ConstMatrix x, int64_t i, ConstMatrix c, int64_t j) {
  return exactDot(c.row(j), c.row(j), c.cols) - 2 * exactDot(x.row(i), c.row(j), c.cols);
}

/** Rows to be searched together, with the labels they come with. */
struct Group {
  explicit Group(int64_t n) : rows(n), hints(n) {}
  Buffer<int64_t> rows;
  Buffer<int32_t> hints;
  int64_t count = 0;
  void add(int64_t row, int32_t hint) {
    rows[count] = row;
    hints[count++] = hint;
  }
};

/** Rows that met all centroids. */
class AllSink final : public SearchSink {
 public:
  AllSink(const LabelSink& labels, const Group& group) : labels_(labels), group_(group) {}
  void take(int64_t row, const int64_t* ids, const double*, int64_t) const override {
    labels_.put(group_.rows[row], ids[0]);
  }

 private:
  const LabelSink& labels_;
  const Group& group_;
};

/** Rows that met the moved ones: the better of the best of these and the own one. */
class MovedSink final : public SearchSink {
 public:
  MovedSink(const LabelSink& labels, const Group& group, const Moved& moved, ConstMatrix x,
            ConstMatrix centroids, const int32_t* own)
      : labels_(labels), group_(group), moved_(moved), x_(x), centroids_(centroids), own_(own) {}

  void take(int64_t row, const int64_t* ids, const double*, int64_t) const override {
    const int64_t i = group_.rows[row], best = moved_.id(ids[0]), own = own_[i];
    if (moved_.place(own) >= 0) {  // was among them
      labels_.put(i, best);
      return;
    }
    const double found = scoreOf(x_, i, centroids_, best), kept = scoreOf(x_, i, centroids_, own);
    labels_.put(i, found < kept || (found == kept && best < own) ? best : own);
  }

 private:
  const LabelSink& labels_;
  const Group& group_;
  const Moved& moved_;
  ConstMatrix x_, centroids_;
  const int32_t* own_;
};

/** keeps[i]: row i need not meet the centroids that did not move. */
void compareOwn(Workers& workers, ConstMatrix x, ConstMatrix centroids, ConstMatrix previous,
                const Moved& moved, const int32_t* labels, uint8_t* keeps) {
  FirstRow bad;
  workers.forRows(x.rows, 256, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      if (!finiteRow(x.row(i), x.cols)) bad.report(i);
      const int64_t own = labels[i];
      keeps[i] =
          own >= 0 && own < centroids.rows &&
          (moved.place(own) < 0 || scoreOf(x, i, centroids, own) <= scoreOf(x, i, previous, own));
    }
  });
  if (bad.row() >= 0) notFinite("x", bad.row());
}

}  // namespace

void kmeans_follow(Workers& workers, ConstMatrix x, ConstMatrix centroids, ConstMatrix previous,
                   int32_t* labels, float* distances, double* objective, int64_t* compared) {
  const Moved moved(centroids, previous);
  const int64_t n = x.rows, k = centroids.rows;
  *compared = n * k;
  if (moved.count() > k - k / 8) {  // too few to pay for the scores
    kmeans_assign(workers, x, centroids, labels, labels, distances, objective);
    return;
  }
  for (int64_t j = 0; j < k; j++) {
    if (!finiteRow(centroids.row(j), x.cols)) notFinite("centroids", j);
  }
  Buffer<uint8_t> keeps(n);
  compareOwn(workers, x, centroids, previous, moved, labels, keeps.data());
  Group some(n), all(n);
  for (int64_t i = 0; i < n; i++) {
    if (keeps[i]) {
      some.add(i, moved.place(labels[i]));
    } else {
      all.add(i, labels[i]);
    }
  }
  *compared = some.count * moved.count() + all.count * k;
  const LabelSink sink(x, centroids, labels, distances, objective != nullptr);
  Buffer<float> rows(moved.count() * x.cols);
  moved.gather(centroids, rows.data());
  SearchRequest request{x,
                        "x",
                        {rows.data(), moved.count(), x.cols, x.cols},
                        "centroids",
                        1,
                        nullptr,
                        some.hints.data()};
  request.picked = some.rows.data();
  request.picked_rows = some.count;
  if (moved.count() > 0) {
    search(workers, request, MovedSink(sink, some, moved, x, centroids, labels));
  } else {
    workers.forRows(some.count, 256, [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; r++) sink.put(some.rows[r], labels[some.rows[r]]);
    });
  }
  request.base = centroids;
  request.hints = all.hints.data();
  request.picked = all.rows.data();
  request.picked_rows = all.count;
  if (all.count > 0) search(workers, request, AllSink(sink, all));
  if (objective != nullptr) *objective = sink.sum();
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
