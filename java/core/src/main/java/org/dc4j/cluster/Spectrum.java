package org.dc4j.cluster;

import java.util.Optional;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.NumericException;
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
      Optional<Whitening> found = whitening(pca, values, 0);
      double[] eigenvalues = found.map(Whitening::eigenvalues).orElse(new double[values]);
      found.ifPresent(Whitening::close);
      return eigenvalues;
    }
  }

  /**
   * {@link Pca#finish}, but empty where all rows are equal: they span nothing that a transform
   * could scale. A network that has collapsed gives such rows, which its caller has to survive.
   */
  public static Optional<Whitening> whitening(Pca pca, int components, double floorRatio) {
    try {
      return Optional.of(pca.finish(components, floorRatio));
    } catch (NumericException e) {
      // The same class tells of a solver that fails, which is another matter.
      if (String.valueOf(e.getMessage()).contains("rank 0")) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
