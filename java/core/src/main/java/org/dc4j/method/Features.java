package org.dc4j.method;

import org.dc4j.kernels.FloatMatrix;

/**
 * The current features of the whole data set, for a clustering pass: one forward pass in evaluation
 * mode over deterministic views.
 */
public interface Features {
  /**
   * Features by image id, L2-normalised.
   *
   * @param epoch epoch that asks, for the order of the pass
   * @param whiten width after PCA-whitening, 0 = none
   * @param eigenvalueFloor smallest eigenvalue kept, as a share of the largest
   */
  Table table(int epoch, int whiten, double eigenvalueFloor);

  /**
   * Feature rows, owned: close frees them.
   *
   * @param rows [n x d] unit rows by image id
   * @param eigenvalues leading eigenvalues of the features' covariance
   */
  record Table(FloatMatrix rows, double[] eigenvalues) implements AutoCloseable {
    @Override
    public void close() {
      rows.close();
    }
  }
}
