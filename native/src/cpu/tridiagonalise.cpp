// T = Q' A Q by Householder reflections v in panels of 32: a panel's reflections are found one
// after the other, each from its own column of the matrix as all before have left it, and act on
// what is right of the panel together, A -= V W' + W V'. matrix [n x n], lower triangle of
// column-major storage; what is returned is as in reference/tridiagonalise.cpp, its judge within
// fp64's rounding. 4 n^3 / 3 multiply-adds: half are A v, which waits for the memory that half of A
// lies in, half in register tiles. Jobs are fixed and their sums are added in order: the same bits
// for every thread count. Source: Dongarra, Sorensen, Hammarling, Block reduction of matrices to
// condensed forms, 1989.
#include <cmath>

#include "cpu/buffer.h"
#include "cpu/tile.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int kWide = kLanes / 2;             // doubles in a register
constexpr int kPanel = 32;                    // reflections
constexpr int kPair = 2 * kPanel;             // a row of V, then of W
constexpr int64_t kBlock = 64;                // columns of a job, and rows
constexpr int kGroup = kLanes == 16 ? 8 : 4;  // columns that pass over v together
// The same accumulators as multiplyTile's, here down the columns.
constexpr int kDown = kTileVectors * kWide;
constexpr int kAcross = kTileRows;

inline Doubles& at(double* p) { return *reinterpret_cast<Doubles*>(p); }
inline const Doubles& at(const double* p) { return *reinterpret_cast<const Doubles*>(p); }

inline double sumOf(Doubles v) {
  double sum = 0;
  for (int l = 0; l < kWide; l++) sum += v[l];
  return sum;
}

/** tile [kAcross x kDown] = sum_s V_s W_s' + W_s V_s': down [kPair x kDown] has the rows' V and W,
 * across [kAcross x kPair] the columns'. Alone in its function, see multiplyTile. */
__attribute__((noinline)) void multiplyPairs(const double* down, const double* across,
                                             double* tile) {
  Doubles sum[kAcross][kTileVectors] = {};
  for (int s = 0; s < kPair; s++) {
    const double* other = across + (s < kPanel ? s + kPanel : s - kPanel);
    Doubles rows[kTileVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) rows[v] = at(down + s * kDown + v * kWide);
#pragma GCC unroll 16
    for (int c = 0; c < kAcross; c++) {
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) sum[c][v] += rows[v] * other[c * kPair];
    }
  }
#pragma GCC unroll 16
  for (int c = 0; c < kAcross; c++) {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) at(tile + c * kDown + v * kWide) = sum[c][v];
  }
}

class Reduction {
 public:
  Reduction(Workers& workers, int64_t n, double* matrix)
      : workers_(workers),
        n_(n),
        blocks_((n + kBlock - 1) / kBlock),
        matrix_(matrix),
        pairs_((n + kAcross) * kPair),
        packed_((n + kDown) * kPair),
        products_(blocks_ * n),
        dots_(blocks_ * kPair),
        sums_(blocks_),
        x_(n),
        w_(n) {}

  void run(double* diagonal, double* beside, double* factors) {
    for (int64_t j = 0; j + 1 < n_; j += kPanel) {
      const int64_t end = j + kPanel < n_ - 1 ? j + kPanel : n_ - 1;
      panel(j, end, diagonal, beside, factors);
      update(end);
    }
    diagonal[n_ - 1] = column(n_ - 1)[n_ - 1];
  }

 private:
  double* column(int64_t j) const { return matrix_ + j * n_; }
  double* pair(int64_t r) const { return pairs_.data() + r * kPair; }

  /** body(block, begin, end) for the rows from `first` on; blocks lie where they lie whatever it
   * is. */
  template <typename Body>
  void forBlocks(int64_t first, const Body& body) {
    const int64_t skipped = first / kBlock;
    workers_.forEach(blocks_ - skipped, [&](int64_t b, int) {
      const int64_t block = b + skipped, begin = block * kBlock, end = begin + kBlock;
      body(block, begin < first ? first : begin, end < n_ ? end : n_);
    });
  }

  double sumFrom(int64_t first) const {
    double sum = 0;
    for (int64_t b = first / kBlock; b < blocks_; b++) sum += sums_[b];
    return sum;
  }

  /** The reflections of columns [begin, end), whose V and W are in pairs_ then. */
  void panel(int64_t begin, int64_t end, double* diagonal, double* beside, double* factors) {
    const double none[kPair] = {};
    forBlocks(begin, [&](int64_t block, int64_t first, int64_t last) {
      for (double* p = pair(first); p < pair(last); p++) *p = 0;
      takeRows(begin, 0, none, block, first, last);
    });
    for (double* p = pair(n_); p < pair(n_ + kAcross); p++) *p = 0;
    for (int64_t j = begin; j < end; j++) {
      const int t = static_cast<int>(j - begin);
      diagonal[j] = x_[j];
      const double rest = j + 2 < n_ ? sumFrom(j) : 0, first = x_[j + 1];
      beside[j] = rest == 0 ? first : -std::copysign(std::sqrt(first * first + rest), first);
      factors[j] = rest == 0 ? 0 : (beside[j] - first) / beside[j];
      double along = 0;
      if (rest > 0) {
        x_[j + 1] = first - beside[j];
        along = reflect(j, t, factors[j], 1 / x_[j + 1]);
      }
      finish(j, t, rest > 0, -factors[j] / 2 * along, j + 1 < end);
    }
  }

  /** W's column of reflector v = scale x, but for its part along v; returns w'v. */
  double reflect(int64_t j, int t, double factor, double scale) {
    const int used = (t + kWide - 1) / kWide * kWide;
    forBlocks(j + 1, [&](int64_t b, int64_t begin, int64_t end) {
      multiplyColumns(begin, end, products_.data() + b * n_);
      multiplyPairsBy(begin, end, used, dots_.data() + b * kPair);
    });
    double swapped[kPair] = {};
    for (int64_t b = (j + 1) / kBlock; b < blocks_; b++) {
      for (int s = 0; s < used; s++) {
        swapped[s] += dots_[b * kPair + kPanel + s];
        swapped[kPanel + s] += dots_[b * kPair + s];
      }
    }
    forBlocks(j + 1, [&](int64_t block, int64_t begin, int64_t end) {
      sums_[block] = 0;
      for (int64_t r = begin; r < end; r++) w_[r] = 0;
      for (int64_t b = (j + 1) / kBlock; b <= block; b++) {
        const double* part = products_.data() + b * n_;
        for (int64_t r = begin; r < end; r++) w_[r] += part[r];
      }
      for (int64_t r = begin; r < end; r++) {
        const double v = r == j + 1 ? 1 : x_[r] * scale;
        w_[r] = factor * scale * (w_[r] - dot(r, swapped, used));
        pair(r)[t] = column(j)[r] = v;
        sums_[block] += w_[r] * v;
      }
    });
    return sumFrom(j + 1);
  }

  /** W's column as it stays, and with it the next one of the matrix. */
  void finish(int64_t j, int t, bool reflected, double along, bool another) {
    double swapped[kPair] = {};
    const auto w = [&](int64_t r) { return reflected ? w_[r] + along * pair(r)[t] : 0; };
    const double* own = pair(j + 1);
    for (int s = 0; s <= t; s++) {
      swapped[s] = s == t ? w(j + 1) : own[kPanel + s];
      swapped[kPanel + s] = own[s];
    }
    forBlocks(j + 1, [&](int64_t block, int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) pair(r)[kPanel + t] = w(r);
      if (another) takeRows(j + 1, t + 1, swapped, block, begin, end);
    });
  }

  /** Rows of x = column j less what the panel's reflections so far take from it: swapped is row j
   * of W, then of V. sums_: the squares below its subdiagonal. */
  void takeRows(int64_t j, int reflections, const double* swapped, int64_t block, int64_t begin,
                int64_t end) {
    const int used = (reflections + kWide - 1) / kWide * kWide;
    double squares = 0;
    for (int64_t r = begin; r < end; r++) {
      x_[r] = column(j)[r] - dot(r, swapped, used);
      if (r > j + 1) squares += x_[r] * x_[r];
    }
    sums_[block] = squares;
  }

  double dot(int64_t r, const double* swapped, int used) const {
    Doubles sum = {};
    const double* row = pair(r);
    for (int s = 0; s < used; s += kWide) {
      sum += at(row + s) * at(swapped + s) + at(row + kPanel + s) * at(swapped + kPanel + s);
    }
    return sumOf(sum);
  }

  /** dots = sum over rows of x_r (V_r, W_r). */
  void multiplyPairsBy(int64_t begin, int64_t end, int used, double* dots) const {
    for (int s = 0; s < used; s += kWide) {
      Doubles v = {}, w = {};
      for (int64_t r = begin; r < end; r++) {
        v += at(pair(r) + s) * x_[r];
        w += at(pair(r) + kPanel + s) * x_[r];
      }
      at(dots + s) = v;
      at(dots + kPanel + s) = w;
    }
  }

  /** product [from begin to n] = columns [begin, end) and, but for the diagonal, the rows that
   * mirror them, times x. */
  void multiplyColumns(int64_t begin, int64_t end, double* product) const {
    for (int64_t r = begin; r < n_; r++) product[r] = 0;
    int64_t c = begin;
    for (; c + kGroup <= end; c += kGroup) multiplyGroup<kGroup>(c, product);
    for (; c < end; c++) multiplyGroup<1>(c, product);
  }

  template <int Columns>
  void multiplyGroup(int64_t c, double* product) const {
    const double* from[Columns];
    Doubles dots[Columns] = {};
    double more[Columns] = {};
    for (int k = 0; k < Columns; k++) {
      from[k] = column(c + k);
      product[c + k] += from[k][c + k] * x_[c + k];
      for (int i = k + 1; i < Columns; i++) {
        product[c + i] += from[k][c + i] * x_[c + k];
        more[k] += from[k][c + i] * x_[c + i];
      }
    }
    int64_t r = c + Columns;
    for (; r + kWide <= n_; r += kWide) {
      Doubles sum = at(product + r);
      const Doubles x = at(x_.data() + r);
#pragma GCC unroll 8
      for (int k = 0; k < Columns; k++) {
        const Doubles a = at(from[k] + r);
        sum += a * x_[c + k];
        dots[k] += a * x;
      }
      at(product + r) = sum;
    }
    for (; r < n_; r++) {
      for (int k = 0; k < Columns; k++) {
        product[r] += from[k][r] * x_[c + k];
        more[k] += from[k][r] * x_[r];
      }
    }
    for (int k = 0; k < Columns; k++) product[c + k] += more[k] + sumOf(dots[k]);
  }

  /** A -= V W' + W V' from column and row `first` on. */
  void update(int64_t first) {
    const int64_t left = n_ - first;
    workers_.forEach((left + kDown - 1) / kDown, [&](int64_t p, int) {
      double* to = packed_.data() + p * kDown * kPair;
      for (int i = 0; i < kDown; i++) {
        const int64_t r = first + p * kDown + i;
        for (int s = 0; s < kPair; s++) to[s * kDown + i] = r < n_ ? pair(r)[s] : 0;
      }
    });
    workers_.forEach((left + kAcross - 1) / kAcross, [&](int64_t p, int) {
      const int64_t c = first + p * kAcross;
      // What a tile changes above the diagonal is nobody's.
      for (int64_t q = (c - first) / kDown; q * kDown < left; q++) {
        subtractTile(packed_.data() + q * kDown * kPair, first + q * kDown, c);
      }
    });
  }

  void subtractTile(const double* rows, int64_t row, int64_t c) {
    alignas(64) double tile[kAcross * kDown];
    multiplyPairs(rows, pair(c), tile);
    for (int k = 0; k < kAcross && c + k < n_; k++) {
      double* to = column(c + k) + row;
      const double* from = tile + k * kDown;
      if (row + kDown <= n_) {
        for (int v = 0; v < kDown; v += kWide) at(to + v) -= at(from + v);
        continue;
      }
      for (int64_t i = 0; row + i < n_; i++) to[i] -= from[i];
    }
  }

  Workers& workers_;
  int64_t n_, blocks_;
  double* matrix_;
  Buffer<double> pairs_;     // [n x kPair]; rows of columns that are reduced already are not used
  Buffer<double> packed_;    // the same from where update() begins, in panels [kPair x kDown]
  Buffer<double> products_;  // [blocks x n] of A x
  Buffer<double> dots_;      // [blocks x kPair] of (V, W)' x
  Buffer<double> sums_;      // per block
  Buffer<double> x_, w_;     // the column that is reduced, and A v
};

}  // namespace

void tridiagonalise(Workers& workers, int64_t n, double* matrix, double* diagonal, double* beside,
                    double* factors) {
  if (n > 0) Reduction(workers, n, matrix).run(diagonal, beside, factors);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
