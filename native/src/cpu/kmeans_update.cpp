// centroids[j] = mean of the rows labelled j in 64-bit fixed point (core/fixed_point.h); clusters
// without rows keep theirs. x [n x d], centroids [k x d]. Two passes over x (the first finds max
// |x|), n d integer additions; rows are sorted by label (counting sort), runs of one label are
// summed in parallel and long runs in pieces: integers, so order means nothing. Judge:
// reference/kmeans_update.cpp, same bits.
#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "core/fixed_point.h"
#include "cpu/buffer.h"
#include "cpu/exact_score.h"
#include "cpu/finite.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kPiece = 4096;    // rows of one cluster a job sums
constexpr int64_t kColumns = 1024;  // columns of one pass over a piece
constexpr int64_t kJobRows = 4096;  // rows of consecutive short clusters one job sums

float largestOf(Workers& workers, ConstMatrix x) {
  FirstRow bad;
  Buffer<float> largest(workers.threads());
  for (int w = 0; w < workers.threads(); w++) largest[w] = 0;
  workers.forRows(x.rows, 512, [&](int64_t begin, int64_t end, int worker) {
    for (int64_t i = begin; i < end; i++) {
      const float value = largestMagnitude(x.row(i), nullptr, x.cols);
      if (!std::isfinite(value)) bad.report(i);
      if (value > largest[worker]) largest[worker] = value;
    }
  });
  if (bad.row() >= 0) notFinite("x", bad.row());
  float result = 0;
  for (int w = 0; w < workers.threads(); w++) {
    if (largest[w] > result) result = largest[w];
  }
  return result;
}

/** round(v), ties to even, |v| < 2^63. */
inline int64_t roundToInteger(double v) {
#if defined(__SSE2__)
  return _mm_cvtsd_si64(_mm_set_sd(v));
#else
  return std::llrint(v);
#endif
}

typedef int64_t Integers __attribute__((vector_size(4 * DC4J_LANES), aligned(8), may_alias));

/** round(v), ties to even, |v| < 2^62. */
inline Integers roundToIntegers(Doubles v) {
#if defined(DC4J_AVX512)
  return reinterpret_cast<Integers>(_mm512_cvtpd_epi64(v));
#else
  // Adding 1.5 * 2^52 leaves the rounded number in the low bits, for numbers below 2^51: so once
  // for v / 2^32 and once for what is left of v. All other operations are exact, and a multiple of
  // 2^32 does not change which neighbour is even.
  constexpr double magic = 0x1.8p52;
  constexpr int64_t magic_bits = 0x4338000000000000;  // shifted left by 32: 0
  const Doubles high = v * 0x1p-32 + magic;
  const Doubles low = v - (high - magic) * 0x1p32 + magic;
  return (reinterpret_cast<Integers>(high) << 32) + reinterpret_cast<Integers>(low) - magic_bits;
#endif
}

/** sum[t] += round(x[t] * scale) */
inline void addRow(const float* x, int64_t d, double scale, int64_t* sum) {
  int64_t t = 0;
  for (; t + kDoubles <= d; t += kDoubles) {
    *reinterpret_cast<Integers*>(sum + t) += roundToIntegers(widen(x + t) * scale);
  }
  for (; t < d; t++) sum[t] += roundToInteger(static_cast<double>(x[t]) * scale);
}

class Update {
 public:
  Update(ConstMatrix x, const int32_t* labels, Matrix centroids, int64_t* counts, int shift)
      : x_(x),
        centroids_(centroids),
        counts_(counts),
        scale_(std::ldexp(1.0, shift)),
        unit_(std::ldexp(1.0, -shift)),
        start_(centroids.rows + 1),
        order_(x.rows) {
    const int64_t k = centroids.rows;
    for (int64_t j = 0; j <= k; j++) start_[j] = 0;
    for (int64_t i = 0; i < x.rows; i++) {
      if (labels[i] >= 0) start_[labels[i] + 1]++;
    }
    for (int64_t j = 0; j < k; j++) {
      counts[j] = start_[j + 1];
      start_[j + 1] += start_[j];
    }
    Buffer<int64_t> next(k);
    for (int64_t j = 0; j < k; j++) next[j] = start_[j];
    for (int64_t i = 0; i < x.rows; i++) {
      if (labels[i] >= 0) order_[next[labels[i]]++] = i;
    }
  }

  void run(Workers& workers) {
    const int64_t k = centroids_.rows;
    // Consecutive short clusters share a job, so that jobs are worth handing out.
    Buffer<int64_t> first(k + 1);
    int64_t jobs = 0, rows = 0;
    for (int64_t j = 0; j < k; j++) {
      if (j == 0 || rows + counts_[j] > kJobRows || j - first[jobs - 1] >= 64) {
        first[jobs++] = j;
        rows = 0;
      }
      rows += counts_[j];
    }
    first[jobs] = k;
    workers.forEach(jobs, [&](int64_t job, int) {
      for (int64_t j = first[job]; j < first[job + 1]; j++) {
        if (counts_[j] > 0 && counts_[j] <= kPiece) sumShort(j);
      }
    });
    Buffer<int64_t> sums(x_.cols);
    for (int64_t j = 0; j < k; j++) {
      if (counts_[j] > kPiece) sumLong(workers, j, sums.data());
    }
  }

 private:
  void sumRows(int64_t from, int64_t to, int64_t column, int64_t columns, int64_t* sum) const {
    for (int64_t t = 0; t < columns; t++) sum[t] = 0;
    for (int64_t p = from; p < to; p++) {
      if (p + 4 < to) __builtin_prefetch(x_.row(order_[p + 4]) + column);
      addRow(x_.row(order_[p]) + column, columns, scale_, sum);
    }
  }

  void write(int64_t j, int64_t column, int64_t columns, const int64_t* sum) const {
    float* to = centroids_.row(j) + column;
    for (int64_t t = 0; t < columns; t++) {
      to[t] =
          static_cast<float>(static_cast<double>(sum[t]) * unit_ / static_cast<double>(counts_[j]));
    }
  }

  void sumShort(int64_t j) const {
    alignas(64) int64_t sum[kColumns];
    for (int64_t column = 0; column < x_.cols; column += kColumns) {
      const int64_t left = x_.cols - column, columns = left < kColumns ? left : kColumns;
      sumRows(start_[j], start_[j + 1], column, columns, sum);
      write(j, column, columns, sum);
    }
  }

  void sumLong(Workers& workers, int64_t j, int64_t* sums) const {
    for (int64_t t = 0; t < x_.cols; t++) sums[t] = 0;
    const int64_t pieces = (counts_[j] + kPiece - 1) / kPiece;
    const int64_t slices = (x_.cols + kColumns - 1) / kColumns;
    workers.forEach(pieces * slices, [&](int64_t job, int) {
      alignas(64) int64_t sum[kColumns];
      const int64_t column = job % slices * kColumns, left = x_.cols - column;
      const int64_t columns = left < kColumns ? left : kColumns;
      const int64_t from = start_[j] + job / slices * kPiece;
      sumRows(from, from + kPiece < start_[j + 1] ? from + kPiece : start_[j + 1], column, columns,
              sum);
      for (int64_t t = 0; t < columns; t++) {
        __atomic_fetch_add(&sums[column + t], sum[t], __ATOMIC_RELAXED);
      }
    });
    write(j, 0, x_.cols, sums);
  }

  ConstMatrix x_;
  Matrix centroids_;
  int64_t* counts_;
  double scale_, unit_;
  Buffer<int64_t> start_, order_;  // rows of cluster j: order_[start_[j] .. start_[j + 1])
};

}  // namespace

void kmeans_update(Workers& workers, ConstMatrix x, const int32_t* labels, Matrix centroids,
                   int64_t* counts) {
  const int shift = fixedPointShift(x.rows, largestOf(workers, x));
  Update(x, labels, centroids, counts, shift).run(workers);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
