package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;

/** What the tests of FAISS share. */
public final class FaissFixture {
  private FaissFixture() {}

  /**
   * Skips the test with the reason where the build has no FAISS; fails it where the environment
   * says that it must have one (DC4J_REQUIRE_FAISS=ON, as CMake understands it).
   */
  public static void needFaiss() {
    String required = System.getenv("DC4J_REQUIRE_FAISS");
    if (required != null && required.matches("(?i)1|on|yes|y|true")) {
      assertThat(Faiss.whyNot()).as("DC4J_REQUIRE_FAISS is set").isEmpty();
    }
    assumeTrue(Faiss.isAvailable(), Faiss.whyNot());
  }

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
