package org.dc4j.bench;

import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.random.RandomStream;

/** Inputs of the losses: isotropic rows of length 1, and labels. Seeded like {@link Gaussian}. */
final class UnitRows {
  private UnitRows() {}

  /** Rows of length 1 [n x d]; the caller closes the matrix. */
  static FloatMatrix matrix(DeviceContext context, long n, int d, long seed) {
    FloatMatrix matrix = Gaussian.matrix(n, d, seed);
    context.kernels().normalizeRows(matrix, matrix);
    return matrix;
  }

  /** n labels, uniform in 0..k-1; the caller closes the vector. */
  static IntVector labels(int n, int k, long seed) {
    RandomStream random = new RandomStream(seed);
    IntVector labels = IntVector.allocate(n);
    for (int i = 0; i < n; i++) {
      labels.set(i, random.nextInt(k));
    }
    return labels;
  }

  /** Throws unless both have the same shape and every entry of a lies within bound of b's. */
  static void requireClose(String what, FloatMatrix a, FloatMatrix b, double bound) {
    float[] mine = a.toArray();
    float[] judged = b.toArray();
    if (mine.length != judged.length) {
      throw new IllegalStateException(what + ": " + a + " and " + b);
    }
    double largest = 0;
    for (float value : judged) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int e = 0; e < mine.length; e++) {
      if (!(Math.abs(mine[e] - judged[e]) <= bound * largest)) {
        throw new IllegalStateException(
            what + "[" + e + "] is " + mine[e] + ", the fp64 reference has " + judged[e]);
      }
    }
  }
}
