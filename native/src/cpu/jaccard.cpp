// J_ij = max(0, 1 - m / (2 - m)), m = sum_t min(V'_it, V'_jt), from k-reciprocal sets (graph.h). x
// [n x d], ids [n x k1]. n |R*| d / 2 fp64 multiply-adds for the weights and up, then one addition
// for every unordered pair of rows and weight they share, found through lists of the rows that have
// a weight at t. Memory: 16 bytes per entry of V and of V', 12 per entry of the graph, 8 n per
// thread. Sums run in the order graph.h gives, and none has a product, so there is nothing a
// compiler could fuse. Judge: reference/jaccard.cpp, same bits.
#include <cmath>
#include <memory>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"
#include "cpu/id_set.h"
#include "cpu/prefetch.h"
#include "cpu/reciprocal.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

void requireFiniteRows(Workers& workers, ConstMatrix x) {
  FirstRow bad;
  workers.forRows(x.rows, 256, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      if (!finiteRow(x.row(i), x.cols)) bad.report(i);
    }
  });
  if (bad.row() >= 0) notFinite("x", bad.row());
}

/** What a worker needs while it fills rows. */
struct Scratch {
  explicit Scratch(int64_t n) : touched(n), sums(n), marks(n) {
    for (int64_t j = 0; j < n; j++) sums[j] = 0;
    for (int64_t j = 0; j < n; j++) marks[j] = -1;
  }
  IdSet touched;
  Buffer<double> sums;    // all 0 between rows
  Buffer<int32_t> marks;  // the last row that marked an id
};

/** One Scratch per worker. */
class Scratches {
 public:
  Scratches(int threads, int64_t n) : all_(new std::unique_ptr<Scratch>[threads]) {
    for (int w = 0; w < threads; w++) all_[w].reset(new Scratch(n));
  }
  Scratch& operator[](int worker) const { return *all_[worker]; }

 private:
  std::unique_ptr<std::unique_ptr<Scratch>[]> all_;
};

/** R*(i) into scratch.touched; returns at most how many. */
int64_t expand(const IdLists& mutual, const IdLists& half, int64_t i, Scratch& scratch) {
  int64_t count = mutual.counts[i];
  for (int32_t p = 0; p < mutual.counts[i]; p++) {
    scratch.marks[mutual.row(i)[p]] = static_cast<int32_t>(i);
    scratch.touched.add(mutual.row(i)[p]);
  }
  for (int32_t p = 0; p < mutual.counts[i]; p++) {
    const int32_t q = mutual.row(i)[p];
    int64_t shared = 0;
    for (int32_t s = 0; s < half.counts[q]; s++) shared += scratch.marks[half.row(q)[s]] == i;
    if (3 * shared <= 2 * static_cast<int64_t>(half.counts[q])) continue;
    for (int32_t s = 0; s < half.counts[q]; s++) scratch.touched.add(half.row(q)[s]);
    count += half.counts[q];
  }
  return count;
}

/** Where column j is in row i, -1: nowhere. */
int64_t find(const Graph& graph, int64_t i, int64_t j) {
  const int32_t* columns = graph.entries.columns;
  int64_t low = graph.offsets[i], high = graph.offsets[i + 1];
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (columns[middle] < j) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < graph.offsets[i + 1] && columns[low] == j ? low : -1;
}

/** dots[e] = x_i.x_j of every entry. One of a pair that is in both rows serves both: its two sums
 * have the same products in the same order. */
void dotProducts(Workers& workers, ConstMatrix x, const Graph& sets, double* dots) {
  const int64_t* offsets = sets.offsets.get();
  const int32_t* columns = sets.entries.columns;
  workers.forRows(sets.rows, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      for (int64_t e = offsets[i]; e < offsets[i + 1]; e++) {
        const int64_t j = columns[e];
        if (j < i && find(sets, j, i) >= 0) continue;
        if (e + 1 < offsets[i + 1]) prefetchRow(x.row(columns[e + 1]), x.cols);
        dots[e] = exactDot(x.row(i), x.row(j), x.cols);
      }
    }
  });
  workers.forRows(sets.rows, 256, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      for (int64_t e = offsets[i]; e < offsets[i + 1] && columns[e] < i; e++) {
        const int64_t mirror = find(sets, columns[e], i);
        if (mirror >= 0) dots[e] = dots[mirror];
      }
    }
  });
}

/** V */
void softmaxRows(Workers& workers, ConstMatrix x, const IdLists& mutual, const IdLists& half,
                 const Scratches& scratches, Graph& weights) {
  buildRows(workers, weights, [&](int64_t i, Entries& row, int worker) {
    Scratch& scratch = scratches[worker];
    row.reserve(expand(mutual, half, i, scratch));
    scratch.touched.drain([&](int64_t j) { row.add(static_cast<int32_t>(j), 0); });
  });
  Buffer<double> dots(weights.entries.size);
  dotProducts(workers, x, weights, dots.data());
  workers.forRows(weights.rows, 256, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t from = weights.offsets[i], to = weights.offsets[i + 1];
      double largest = -INFINITY, sum = 0;
      for (int64_t e = from; e < to; e++) largest = dots[e] > largest ? dots[e] : largest;
      for (int64_t e = from; e < to; e++) {
        dots[e] = std::exp(2 * (dots[e] - largest));
        sum += dots[e];
      }
      for (int64_t e = from; e < to; e++) {
        weights.entries.values[e] = static_cast<float>(dots[e] / sum);
      }
    }
  });
}

/** V' */
void meanRows(Workers& workers, const Graph& weights, const IdLists& rank, int64_t k2,
              const Scratches& scratches, Graph& means) {
  const int64_t* offsets = weights.offsets.get();
  buildRows(workers, means, [&](int64_t i, Entries& row, int worker) {
    Scratch& scratch = scratches[worker];
    const int64_t count = rank.counts[i] < k2 ? rank.counts[i] : k2;
    int64_t most = 0;
    for (int64_t p = 0; p < count; p++) {
      const int32_t j = rank.row(i)[p];
      for (int64_t e = offsets[j]; e < offsets[j + 1]; e++) {
        scratch.sums[weights.entries.columns[e]] += weights.entries.values[e];
        scratch.touched.add(weights.entries.columns[e]);
      }
      most += offsets[j + 1] - offsets[j];
    }
    row.reserve(most);
    scratch.touched.drain([&](int64_t t) {
      const float mean = static_cast<float>(scratch.sums[t] / static_cast<double>(count));
      scratch.sums[t] = 0;
      if (mean > 0) row.add(static_cast<int32_t>(t), mean);
    });
  });
}

/** Row t: the rows that have a weight at t, increasing. */
void transpose(const Graph& from, Graph& to) {
  const Entries& entries = from.entries;
  int64_t* offsets = to.offsets.get();
  for (int64_t e = 0; e < entries.size; e++) offsets[entries.columns[e] + 1]++;
  for (int64_t t = 0; t < from.rows; t++) offsets[t + 1] += offsets[t];
  to.entries.reserve(entries.size);
  to.entries.size = entries.size;
  Buffer<int64_t> next(from.rows);
  for (int64_t t = 0; t < from.rows; t++) next[t] = offsets[t];
  for (int64_t i = 0; i < from.rows; i++) {
    for (int64_t e = from.offsets[i]; e < from.offsets[i + 1]; e++) {
      const int64_t at = next[entries.columns[e]]++;
      to.entries.columns[at] = static_cast<int32_t>(i);
      to.entries.values[at] = entries.values[e];
    }
  }
}

/** scratch.sums[j] = m_ij for every j >= i that shares a weight with i; returns how many. */
int64_t overlaps(const Graph& means, const Graph& columns, int64_t i, Scratch& scratch) {
  int64_t count = 0;
  for (int64_t e = means.offsets[i]; e < means.offsets[i + 1]; e++) {
    const int64_t t = means.entries.columns[e];
    const float weight = means.entries.values[e];
    const float* values = columns.entries.values;
    for (int64_t c = find(columns, t, i); c < columns.offsets[t + 1]; c++) {
      const int32_t j = columns.entries.columns[c];
      const double sum = scratch.sums[j];
      if (sum == 0) {
        scratch.touched.add(j);
        count++;
      }
      scratch.sums[j] = sum + static_cast<double>(values[c] < weight ? values[c] : weight);
    }
  }
  return count;
}

/** The diagonal and what is above it, m having the same terms in the same order for both rows of a
 * pair. */
void upperRows(Workers& workers, const Graph& means, const Graph& columns,
               const Scratches& scratches, Graph& upper) {
  buildRows(workers, upper, [&](int64_t i, Entries& row, int worker) {
    Scratch& scratch = scratches[worker];
    row.reserve(overlaps(means, columns, i, scratch) + 1);
    scratch.touched.drain([&](int64_t j) {
      const double m = scratch.sums[j], distance = 1 - m / (2 - m);
      scratch.sums[j] = 0;
      const float d = i == j || distance < 0 ? 0 : static_cast<float>(distance);
      if (d < upper.limit) row.add(static_cast<int32_t>(j), d);
    });
  });
}

/** Both directions of every pair, from the upper ones. */
void mirror(const Graph& upper, Graph& graph) {
  const int64_t n = upper.rows;
  int64_t* offsets = graph.offsets.get();
  for (int64_t i = 0; i < n; i++) {
    for (int64_t e = upper.offsets[i]; e < upper.offsets[i + 1]; e++) {
      const int64_t j = upper.entries.columns[e];
      offsets[i + 1]++;
      if (j != i) offsets[j + 1]++;
    }
  }
  for (int64_t i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  graph.entries.reserve(offsets[n]);
  graph.entries.size = offsets[n];
  Buffer<int64_t> next(n);
  for (int64_t i = 0; i < n; i++) next[i] = offsets[i];
  const auto put = [&](int64_t row, int64_t column, float value) {
    graph.entries.columns[next[row]] = static_cast<int32_t>(column);
    graph.entries.values[next[row]++] = value;
  };
  for (int64_t i = 0; i < n; i++) {  // rows before i have written what row i has before i
    for (int64_t e = upper.offsets[i]; e < upper.offsets[i + 1]; e++) {
      const int64_t j = upper.entries.columns[e];
      put(i, j, upper.entries.values[e]);
      if (j != i) put(j, i, upper.entries.values[e]);
    }
  }
}

}  // namespace

void jaccard(Workers& workers, ConstMatrix x, const int64_t* ids, int64_t k1, int64_t k2,
             Graph& graph) {
  requireFiniteRows(workers, x);
  const int64_t n = x.rows, half_k1 = std::llrint(static_cast<double>(k1) / 2);
  const int64_t width = k1 < n ? k1 : n, half_width = half_k1 + 1 < width ? half_k1 + 1 : width;
  IdLists rank(n, width), mutual(n, width), half(n, half_width);
  rankRows(workers, ids, k1, rank);
  reciprocalRows(workers, rank, mutual);
  reciprocalRows(workers, rank, half);
  const Scratches scratches(workers.threads(), n);
  Graph means(n);
  {
    Graph weights(n);
    softmaxRows(workers, x, mutual, half, scratches, weights);
    meanRows(workers, weights, rank, k2, scratches, means);
  }
  Graph columns(n);
  transpose(means, columns);
  Graph upper(n);
  upper.limit = graph.limit;
  upperRows(workers, means, columns, scratches, upper);
  mirror(upper, graph);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
