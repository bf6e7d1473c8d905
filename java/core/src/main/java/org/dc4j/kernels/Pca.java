package org.dc4j.kernels;

import java.util.function.ToIntFunction;
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
  private final NativeHandle<PcaHandle> handle;
  private final long dims;

  Pca(DeviceContext context, long dims, Precision precision) {
    this.context = context;
    PcaHandle out = new PcaHandle();
    context.call(open -> dc4j.dc4j_pca_begin(open, dims, precision.code, out));
    handle = new NativeHandle<>(out, "PCA", dc4j::dc4j_pca_close);
    this.dims = dims;
  }

  /** Adds rows [n x D]. */
  public void add(FloatMatrix x) {
    call(pca -> dc4j.dc4j_pca_add(pca, x.nativeView()));
  }

  /**
   * The whitening transform of the leading components; the caller closes it.
   *
   * @param components d, 1..D
   * @param floorRatio eigenvalues below floorRatio * largest are raised to it before the inverse
   *     root
   */
  public Whitening finish(int components, double floorRatio) {
    call(pca -> dc4j.DC4J_OK); // throws after close, whatever the arguments
    // Before memory of that size is asked for.
    if (components < 1 || components > dims) {
      throw new InvalidArgumentException("components is " + components + "; accepted: 1.." + dims);
    }
    FloatMatrix mean = FloatMatrix.allocate(1, dims);
    FloatMatrix transform = null;
    try {
      transform = FloatMatrix.allocate(components, dims);
      return finish(floorRatio, mean, transform);
    } catch (RuntimeException e) {
      mean.close();
      if (transform != null) {
        transform.close();
      }
      throw e;
    }
  }

  private Whitening finish(double floorRatio, FloatMatrix mean, FloatMatrix transform) {
    double[] lambda = new double[Math.toIntExact(transform.rows())];
    try (DoublePointer eigenvalues = new DoublePointer(lambda.length);
        LongPointer rank = new LongPointer(1)) {
      call(
          pca ->
              dc4j.dc4j_pca_finish(
                  pca,
                  lambda.length,
                  floorRatio,
                  mean.nativeView(),
                  transform.nativeView(),
                  eigenvalues,
                  rank));
      eigenvalues.get(lambda);
      return new Whitening(mean, transform, lambda, Math.toIntExact(rank.get()));
    }
  }

  /** With the context held open, too: the native side reads it. */
  private void call(ToIntFunction<PcaHandle> call) {
    context.call(open -> handle.use(call::applyAsInt));
  }

  @Override
  public void close() {
    handle.close();
  }
}
