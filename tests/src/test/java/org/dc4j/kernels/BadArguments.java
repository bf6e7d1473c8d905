package org.dc4j.kernels;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.random.RandomStream;

/**
 * Arguments for one call, drawn from a seed: mostly what the kernel wants, else null, closed, of
 * another shape, overlapping an earlier argument, out of range or not finite. Matrices lie between
 * two rows of a known value, so that a write out of bounds shows.
 */
final class BadArguments implements AutoCloseable {
  private static final float GUARD = -77.25f;
  private static final int GUARD_ROWS = 2;

  private final RandomStream random;
  private final double badness;
  private final List<FloatMatrix> guarded = new ArrayList<>();
  private final List<FloatMatrix> matrices = new ArrayList<>();
  private final List<AutoCloseable> owned = new ArrayList<>();

  BadArguments(long seed) {
    random = new RandomStream(seed);
    // Some calls go through, most have one thing wrong, some many.
    badness = new double[] {0, 0.03, 0.15, 0.6}[random.nextInt(4)];
  }

  boolean bad() {
    return random.nextBoolean(badness);
  }

  int pick(int... values) {
    return values[random.nextInt(values.length)];
  }

  double pick(double... values) {
    return values[random.nextInt(values.length)];
  }

  <T> T orNull(T value) {
    return random.nextBoolean(badness / 3) ? null : value;
  }

  boolean flip() {
    return random.nextBoolean(0.5);
  }

  long seed() {
    return random.nextLong();
  }

  /** A size with the awkward ones among them. */
  int size() {
    return pick(0, 1, 2, 3, 7, 16, 33, 64, 100);
  }

  FloatMatrix matrix(long wantedRows, long wantedCols) {
    if (bad() && !matrices.isEmpty() && flip()) {
      return overlapping(matrices.get(random.nextInt(matrices.size())));
    }
    boolean misshapen = bad() && flip();
    long rows = misshapen ? other(wantedRows) : wantedRows;
    long cols = misshapen || (bad() && flip()) ? other(wantedCols) : wantedCols;
    FloatMatrix all = own(FloatMatrix.allocate(rows + 2 * GUARD_ROWS, cols));
    guarded.add(all);
    fill(all);
    FloatMatrix view = own(all.rowRange(GUARD_ROWS, rows));
    if (bad() && flip()) {
      view.close();
    }
    matrices.add(view);
    return orNull(view);
  }

  private FloatMatrix overlapping(FloatMatrix other) {
    try {
      long from = Math.min(other.rows(), random.nextInt(3));
      return own(other.rowRange(from, other.rows() - from));
    } catch (IllegalStateException closed) {
      return other;
    }
  }

  private void fill(FloatMatrix all) {
    double scale = bad() ? pick(0, 1e-45, 1e18, 3e38) : pick(1.0, 1.0, 100.0);
    int levels = pick(2, 1000, 1000);
    long rows = all.rows();
    for (long i = 0; i < rows; i++) {
      boolean guard = i < GUARD_ROWS || i >= rows - GUARD_ROWS;
      for (long t = 0; t < all.cols(); t++) {
        float value = (float) ((random.nextInt(2 * levels + 1) - levels) / (double) levels * scale);
        all.set(i, t, guard ? GUARD : value);
      }
    }
    if (bad() && rows > 2 * GUARD_ROWS && all.cols() > 0) {
      long row = GUARD_ROWS + random.nextBelow(rows - 2 * GUARD_ROWS);
      float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE};
      all.set(row, random.nextBelow(all.cols()), odd[random.nextInt(odd.length)]);
    }
  }

  IntVector ints(long wantedSize, int low, int high) {
    IntVector vector = own(IntVector.allocate(bad() && flip() ? other(wantedSize) : wantedSize));
    for (long i = 0; i < vector.size(); i++) {
      vector.set(i, low + random.nextInt(Math.max(1, high - low)));
    }
    if (bad() && vector.size() > 0) {
      int odd = pick(-2, -1, high, high + 1, Integer.MIN_VALUE, Integer.MAX_VALUE);
      vector.set(random.nextBelow(vector.size()), odd);
    }
    if (bad() && flip()) {
      vector.close();
    }
    return orNull(vector);
  }

  LongVector longs(long wantedSize, long low, long high) {
    LongVector vector = own(LongVector.allocate(bad() && flip() ? other(wantedSize) : wantedSize));
    for (long i = 0; i < vector.size(); i++) {
      vector.set(i, low + random.nextBelow(Math.max(1, high - low)));
    }
    if (bad() && vector.size() > 0) {
      long[] odd = {-2, high, high + 1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32};
      vector.set(random.nextBelow(vector.size()), odd[random.nextInt(odd.length)]);
    }
    if (bad() && flip()) {
      vector.close();
    }
    return orNull(vector);
  }

  /** Neighbours [n * k]: row i's are i, i + 1, ... around a ring. */
  LongVector table(int n, int k) {
    long wanted = (long) n * k;
    LongVector ids = own(LongVector.allocate(bad() && flip() ? other(wanted) : wanted));
    for (long e = 0; e < ids.size(); e++) {
      ids.set(e, e % k < n ? (e / k + e % k) % n : -1);
    }
    if (bad() && ids.size() > 0) {
      long[] odd = {-2, 0, n, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32};
      ids.set(random.nextBelow(ids.size()), odd[random.nextInt(odd.length)]);
    }
    if (bad() && flip()) {
      ids.close();
    }
    return orNull(ids);
  }

  private long other(long size) {
    return Math.max(0, pick((int) size - 1, (int) size + 1, 0, 1, size()));
  }

  <T extends AutoCloseable> T own(T owner) {
    owned.add(owner);
    return owner;
  }

  /** Throws if something was written around a matrix. */
  void checkGuards() {
    for (FloatMatrix all : guarded) {
      for (long i = 0; i < all.rows(); i++) {
        if (i >= GUARD_ROWS && i < all.rows() - GUARD_ROWS) {
          continue;
        }
        for (float value : all.row(i)) {
          if (value != GUARD) {
            throw new AssertionError("row " + i + " around " + all + " was written: " + value);
          }
        }
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable owner : owned) {
      owner.close();
    }
  }
}
