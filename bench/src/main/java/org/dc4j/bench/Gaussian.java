package org.dc4j.bench;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;

/** Input data of the benchmarks: seeded, so that every run and every peer sees the same. */
final class Gaussian {
  private Gaussian() {}

  /** Standard normal entries [n x d] (Box-Muller); the caller closes the matrix. */
  static FloatMatrix matrix(long n, int d, long seed) {
    FloatMatrix matrix = FloatMatrix.allocate(n, d);
    RandomStream random = new RandomStream(seed);
    float[] row = new float[d];
    for (long i = 0; i < n; i++) {
      for (int t = 0; t < d; t += 2) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        double angle = 2 * Math.PI * random.nextDouble();
        row[t] = (float) (radius * Math.cos(angle));
        if (t + 1 < d) {
          row[t + 1] = (float) (radius * Math.sin(angle));
        }
      }
      matrix.setRow(i, row);
    }
    return matrix;
  }
}
