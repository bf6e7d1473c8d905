package org.dc4j.kernels;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.dc4j.nativecore.PcaHandle;
import org.dc4j.nativecore.global.dc4j;

/**
 * Streaming PCA: rows are added block by block, memory is 8 D^2 bytes whatever their number. Close
 * it. With its context closed it throws IllegalStateException. Not thread-safe.
 */
public final class Pca implements AutoCloseable {
  private final DeviceContext context;
  private final PcaHandle handle;
  private final long dims;
  private boolean closed;

  Pca(DeviceContext context, long dims, Precision precision) {
    this.context = context;
    handle = new PcaHandle();
    Status.check(dc4j.dc4j_pca_begin(context.handle(), dims, precision.code, handle));
    this.dims = dims;
  }

  /** Adds rows [n x D]. */
  public void add(FloatMatrix x) {
    Status.check(dc4j.dc4j_pca_add(open(), x.nativeView()));
  }

  /**
   * The whitening transform of the leading components; the caller closes it.
   *
   * @param components d, 1..D
   * @param floorRatio eigenvalues below floorRatio * largest are raised to it before the inverse
   *     root
   */
  public Whitening finish(int components, double floorRatio) {
    PcaHandle pca = open();
    // Before memory of that size is asked for.
    if (components < 1 || components > dims) {
      throw new InvalidArgumentException("components is " + components + "; accepted: 1.." + dims);
    }
    FloatMatrix mean = null;
    FloatMatrix transform = null;
    try (DoublePointer eigenvalues = new DoublePointer(components);
        LongPointer rank = new LongPointer(1)) {
      mean = FloatMatrix.allocate(1, dims);
      transform = FloatMatrix.allocate(components, dims);
      Status.check(
          dc4j.dc4j_pca_finish(
              pca,
              components,
              floorRatio,
              mean.nativeView(),
              transform.nativeView(),
              eigenvalues,
              rank));
      double[] lambda = new double[components];
      eigenvalues.get(lambda);
      return new Whitening(mean, transform, lambda, Math.toIntExact(rank.get()));
    } catch (RuntimeException e) {
      if (mean != null) {
        mean.close();
      }
      if (transform != null) {
        transform.close();
      }
      throw e;
    }
  }

  private PcaHandle open() {
    if (closed) {
      throw new IllegalStateException("PCA used after close");
    }
    context.handle(); // throws if that was closed, where the native side would read freed memory
    return handle;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      dc4j.dc4j_pca_close(handle);
    }
  }
}
