package org.dc4j.bench;

import org.dc4j.kernels.FloatMatrix;

/** What benchmarks time lies in native memory, on whole cache lines. */
final class Aligned {
  private static final int CACHE_LINE = 64;

  private Aligned() {}

  /** The matrix itself; throws where its first byte is not at a multiple of 64. */
  static FloatMatrix require(FloatMatrix matrix) {
    long address = matrix.pointer().address();
    if (address % CACHE_LINE != 0) {
      throw new IllegalStateException(
          matrix + " starts at " + address + ", not at a multiple of " + CACHE_LINE);
    }
    return matrix;
  }
}
