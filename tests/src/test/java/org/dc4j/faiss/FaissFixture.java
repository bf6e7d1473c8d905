package org.dc4j.faiss;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;

/** What the tests of FAISS share. */
final class FaissFixture {
  private FaissFixture() {}

  /** Rows around random centres, as embeddings lie. */
  static FloatMatrix blobs(int n, int d, int centres, double spread, long seed) {
    RandomStream random = new RandomStream(seed);
    float[] centre = new float[centres * d];
    for (int i = 0; i < centre.length; i++) {
      centre[i] = (float) random.nextDouble(-1, 1);
    }
    float[] values = new float[n * d];
    for (int i = 0; i < values.length; i++) {
      int row = i / d;
      values[i] = centre[row % centres * d + i % d] + (float) random.nextDouble(-spread, spread);
    }
    return FloatMatrix.of(values, n, d);
  }
}
