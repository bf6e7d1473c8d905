package org.dc4j.kernels;

/**
 * A whitening transform y = transform (x - mean), owned: close frees its matrices.
 *
 * @param mean [1 x D]
 * @param transform [d x D]; row i is u_i / sqrt(lambda_i), largest eigenvalue first
 * @param eigenvalues [d] of the sample covariance, before the floor
 * @param rank how many of the d eigenvalues stand above the numerical floor
 */
public record Whitening(FloatMatrix mean, FloatMatrix transform, double[] eigenvalues, int rank)
    implements AutoCloseable {
  /** Width of the rows it takes (D). */
  public long inputWidth() {
    return transform.cols();
  }

  /** Width of the rows it gives (d). */
  public long outputWidth() {
    return transform.rows();
  }

  @Override
  public void close() {
    mean.close();
    transform.close();
  }
}
