package org.dc4j.cluster;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;

/** The leading eigenvalues of rows' covariance, to see whether they still span a space. */
public final class Spectrum {
  private static final int MOST_ROWS = 4096;
  private static final int MOST_VALUES = 64;

  private Spectrum() {}

  /**
   * Of the first rows of x [n x d], enough for a diagnosis.
   *
   * @return at most 64 eigenvalues, falling; all 0 if the rows are equal
   */
  public static double[] leading(Kernels kernels, FloatMatrix x) {
    long rows = Math.min(x.rows(), MOST_ROWS);
    int values = (int) Math.min(MOST_VALUES, x.cols());
    try (FloatMatrix sample = x.rowRange(0, rows);
        Pca pca = kernels.pca(x.cols())) {
      pca.add(sample);
      try (Whitening whitening = pca.finish(values, 0)) {
        return whitening.eigenvalues();
      }
    }
  }
}
