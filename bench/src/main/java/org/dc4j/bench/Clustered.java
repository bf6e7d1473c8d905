package org.dc4j.bench;

import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.LongVector;

/** Rows with neighbours worth the name, for the benchmarks of graphs. Seeded. */
final class Clustered {
  /** Rows per group, about the images per identity of the re-identification sets. */
  private static final int ROWS_PER_GROUP = 18;

  private static final float SPREAD = 0.7f;

  private Clustered() {}

  /** Unit rows [n x d] around n / 18 directions; the caller closes the matrix. */
  static FloatMatrix matrix(DeviceContext context, int n, int d, long seed) {
    int groups = Math.max(1, n / ROWS_PER_GROUP);
    FloatMatrix x = Gaussian.matrix(n, d, seed);
    try (FloatMatrix centres = Gaussian.matrix(groups, d, seed + 1)) {
      for (int i = 0; i < n; i++) {
        float[] row = x.row(i);
        float[] centre = centres.row(i % groups);
        for (int t = 0; t < d; t++) {
          row[t] = SPREAD * row[t] + centre[t];
        }
        x.setRow(i, row);
      }
    }
    context.kernels().normalizeRows(x, x);
    return x;
  }

  /** The k nearest others of every row; distances [n x k] or null. */
  static LongVector neighbours(DeviceContext context, FloatMatrix x, int k, FloatMatrix distances) {
    LongVector ids = LongVector.allocate(x.rows() * k);
    context.kernels().nearestSelf(x, k, false, ids, distances);
    return ids;
  }
}
