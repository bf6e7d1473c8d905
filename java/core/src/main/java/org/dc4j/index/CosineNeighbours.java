package org.dc4j.index;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;

/**
 * Exact nearest rows by cosine: owns an L2-normalised copy of the rows it searches and walks the
 * queries in chunks, so memory beyond that copy stays at a few MiB; {@link #nearestOthers} holds
 * all neighbours at once (12 bytes each) and what {@link Kernels#nearestSelf} needs, where they are
 * not more than 16 million. Squared distance and cosine are bound by |a - b|^2 = 2 - 2 cos. A row
 * of zeros has no direction: it stays zero and lies at squared distance 1 (similarity 0.5) from
 * every other row.
 *
 * <p>Close it; close twice is fine, use after close throws. The device context must outlive it. One
 * thread at a time.
 */
public final class CosineNeighbours implements AutoCloseable {
  // Neighbours (12 bytes each) and query floats of one chunk.
  private static final long CHUNK_NEIGHBOURS = 1L << 18;
  private static final long CHUNK_FLOATS = 1L << 20;
  // Neighbours of all rows at once: 192 MiB.
  private static final long ALL_NEIGHBOURS = 1L << 24;

  /** Takes the neighbours of one query after the other, in order. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * The neighbours of a query, nearest first, lowest row on ties. The arrays are used again for
     * the next query.
     *
     * @param query row of the queries
     * @param rows [count] searched rows
     * @param distances [count] squared distances in 0..4
     */
    void visit(long query, long[] rows, float[] distances);
  }

  private final Kernels kernels;
  private final FloatMatrix base;

  private CosineNeighbours(Kernels kernels, FloatMatrix base) {
    this.kernels = kernels;
    this.base = base;
  }

  /**
   * Prepares a search among the rows of x, which is copied and may be closed afterwards.
   *
   * @param x [n x d], n >= 1, d >= 1
   * @throws IllegalArgumentException if x has no entries
   * @throws org.dc4j.kernels.NotFiniteException if x holds NaN or infinity, naming the row
   */
  public static CosineNeighbours of(Kernels kernels, FloatMatrix x) {
    if (x.rows() == 0 || x.cols() == 0) {
      throw new IllegalArgumentException(
          "embeddings [" + x.rows() + " x " + x.cols() + "]; at least [1 x 1] is needed");
    }
    FloatMatrix base = FloatMatrix.allocate(x.rows(), x.cols());
    try {
      kernels.normalizeRows(x, base);
      return new CosineNeighbours(kernels, base);
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  /** Rows searched, n. */
  public long size() {
    return base.rows();
  }

  /** Width of the rows, d. */
  public long width() {
    return base.cols();
  }

  /**
   * The min(m, n) nearest rows of every query.
   *
   * @param queries [q x d], any length
   * @param m >= 1
   */
  public void nearest(FloatMatrix queries, int m, Visitor visitor) {
    if (queries.cols() != base.cols()) {
      throw new IllegalArgumentException(
          "queries are " + queries.cols() + " wide, the rows searched " + base.cols());
    }
    requirePositive(m);
    int count = (int) Math.min(m, base.rows());
    long chunk = chunk(count);
    for (long from = 0; from < queries.rows(); from += chunk) {
      long rows = Math.min(chunk, queries.rows() - from);
      try (FloatMatrix source = queries.rowRange(from, rows);
          FloatMatrix normalized = FloatMatrix.allocate(rows, base.cols())) {
        kernels.normalizeRows(source, normalized);
        visit(normalized, from, count, false, visitor);
      }
    }
  }

  /**
   * The min(m, n - 1) nearest other rows of every row: a row is left out of its own neighbours by
   * its number, so an equal row at distance 0 stays in.
   *
   * @param m >= 1
   */
  public void nearestOthers(int m, Visitor visitor) {
    requirePositive(m);
    int count = (int) Math.min(m, base.rows() - 1);
    if (count == 0) {
      visitor.visit(0, new long[0], new float[0]);
      return;
    }
    if (base.rows() <= ALL_NEIGHBOURS / count) {
      try (LongVector ids = LongVector.allocate(base.rows() * count);
          FloatMatrix distances = FloatMatrix.allocate(base.rows(), count)) {
        kernels.nearestSelf(base, count, false, ids, distances);
        visit(0, ids, distances, visitor);
      }
      return;
    }
    long chunk = chunk(count);
    for (long from = 0; from < base.rows(); from += chunk) {
      try (FloatMatrix queries = base.rowRange(from, Math.min(chunk, base.rows() - from))) {
        visit(queries, from, count, true, visitor);
      }
    }
  }

  private void visit(
      FloatMatrix queries, long from, int count, boolean excludeSelf, Visitor visitor) {
    long[] self = new long[Math.toIntExact(queries.rows())];
    for (int i = 0; i < self.length; i++) {
      self[i] = excludeSelf ? from + i : -1;
    }
    try (LongVector exclude = LongVector.of(self);
        LongVector ids = LongVector.allocate(queries.rows() * count);
        FloatMatrix distances = FloatMatrix.allocate(queries.rows(), count)) {
      kernels.nearest(queries, base, count, exclude, ids, distances);
      visit(from, ids, distances, visitor);
    }
  }

  private static void visit(long from, LongVector ids, FloatMatrix distances, Visitor visitor) {
    int count = Math.toIntExact(distances.cols());
    long[] allRows = ids.toArray();
    float[] allDistances = distances.toArray();
    long[] rows = new long[count];
    float[] squared = new float[count];
    for (int i = 0; i < distances.rows(); i++) {
      System.arraycopy(allRows, i * count, rows, 0, count);
      System.arraycopy(allDistances, i * count, squared, 0, count);
      visitor.visit(from + i, rows, squared);
    }
  }

  private long chunk(int count) {
    return Math.max(1, Math.min(CHUNK_NEIGHBOURS / count, CHUNK_FLOATS / base.cols()));
  }

  private static void requirePositive(int m) {
    if (m < 1) {
      throw new IllegalArgumentException(m + " neighbours; at least 1 is needed");
    }
  }

  @Override
  public void close() {
    base.close();
  }
}
