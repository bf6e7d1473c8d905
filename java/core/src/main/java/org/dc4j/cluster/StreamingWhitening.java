package org.dc4j.cluster;

import java.util.Arrays;
import java.util.Optional;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;

/**
 * PCA-whitening and L2 normalisation of a stream of feature rows (methods.md 1.2): the transform is
 * fitted on the first rows, which are held until then, and applied to the rest as they pass. What
 * is kept is n x d, never n x D. Feed the rows in random order, else the fit sees only the
 * beginning of the data set. Close it. Not thread-safe.
 */
public final class StreamingWhitening implements AutoCloseable {
  private final Kernels kernels;
  private final int outputWidth;
  private final double eigenvalueFloor;
  private final FloatMatrix output; // [n x d], handed out by finish()
  private final FloatMatrix held; // [fitRows x D], rows waiting for the fit
  private final int[] heldIds;
  private int holding;
  private Whitening whitening;
  private boolean flat; // the rows of the fit are all equal: there is no whitening
  private double[] eigenvalues = new double[0];
  private boolean finished;

  /**
   * Prepares for n rows of width inputWidth.
   *
   * @param outputWidth d, 1..min(inputWidth, n - 1); 0 = L2 normalisation only
   * @param eigenvalueFloor see {@link Pca#finish}
   */
  public StreamingWhitening(
      Kernels kernels, int n, int inputWidth, int outputWidth, double eigenvalueFloor) {
    this.kernels = kernels;
    this.outputWidth = outputWidth;
    this.eigenvalueFloor = eigenvalueFloor;
    if (outputWidth > 0 && (outputWidth > inputWidth || outputWidth > n - 1)) {
      throw new IllegalArgumentException(
          "whitening to %d columns needs at least as many input columns (%d) and more rows (%d)"
              .formatted(outputWidth, inputWidth, n));
    }
    int fitRows = outputWidth == 0 ? 0 : fitRows(n, inputWidth);
    this.output = FloatMatrix.allocate(n, outputWidth == 0 ? inputWidth : outputWidth);
    this.held = FloatMatrix.allocate(fitRows, inputWidth);
    this.heldIds = new int[fitRows];
  }

  /** Rows the transform is fitted on: all, up to 8 D or 2^26 floats, whichever is more. */
  public static int fitRows(int n, int inputWidth) {
    return (int) Math.min(n, Math.max(8L * inputWidth, (1L << 26) / inputWidth));
  }

  /** Takes rows [ids.length x D]; row i belongs to image ids[i]. */
  public void add(int[] ids, FloatMatrix rows) {
    int taken = 0;
    if (holding < heldIds.length) {
      taken = Math.min(heldIds.length - holding, ids.length);
      try (FloatMatrix part = rows.rowRange(0, taken)) {
        held.setRows(holding, part);
      }
      System.arraycopy(ids, 0, heldIds, holding, taken);
      holding += taken;
      if (holding == heldIds.length) {
        fit();
      }
    }
    if (taken < ids.length) {
      int[] rest = Arrays.copyOfRange(ids, taken, ids.length);
      try (FloatMatrix part = rows.rowRange(taken, rest.length)) {
        transform(rest, part);
      }
    }
  }

  /**
   * The whitened rows [n x d] by image id; the caller closes them. All n rows must have been added.
   * Where the fit found only equal rows, all of these are the same unit row.
   */
  public FloatMatrix finish() {
    if (finished || (outputWidth > 0 && whitening == null && !flat)) {
      throw new IllegalStateException("finish() before all rows were added, or twice");
    }
    finished = true;
    return output;
  }

  /**
   * Leading eigenvalues of the features' covariance, for their effective rank, all 0 if the rows of
   * the fit are equal; empty without whitening.
   */
  public double[] eigenvalues() {
    return eigenvalues.clone();
  }

  private void fit() {
    try (Pca pca = kernels.pca(held.cols())) {
      pca.add(held);
      Optional<Whitening> found = Spectrum.whitening(pca, outputWidth, eigenvalueFloor);
      flat = found.isEmpty();
      whitening = found.orElse(null);
      eigenvalues = found.map(Whitening::eigenvalues).orElse(new double[outputWidth]);
    }
    transform(heldIds, held);
    held.close();
  }

  private void transform(int[] ids, FloatMatrix rows) {
    try (FloatMatrix whitened = FloatMatrix.allocate(ids.length, output.cols())) {
      if (outputWidth == 0) {
        kernels.normalizeRows(rows, whitened);
      } else if (flat) {
        float[] unit = new float[(int) whitened.cols()];
        unit[0] = 1;
        for (int row = 0; row < ids.length; row++) {
          whitened.setRow(row, unit);
        }
      } else {
        kernels.whitenApply(whitening, rows, true, whitened);
      }
      output.scatterRows(ids, whitened);
    }
  }

  @Override
  public void close() {
    held.close();
    if (whitening != null) {
      whitening.close();
    }
    if (!finished) {
      output.close();
    }
  }
}
