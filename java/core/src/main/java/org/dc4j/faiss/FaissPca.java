package org.dc4j.faiss;

import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.FloatPointer;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.NativeHandle;
import org.dc4j.nativecore.faiss.FaissPcaHandle;
import org.dc4j.nativecore.faiss.global.dc4j_faiss;

/**
 * PCA by FAISS ({@code faiss::PCAMatrix}), the second engine beside {@link org.dc4j.kernels.Pca}.
 * It works in fp32 without a shift, so it loses digits where means are large beside the spread, and
 * it trains on 1000 d drawn rows where there are more.
 *
 * <p>Owns native memory: close it; close twice is fine, use after close throws
 * IllegalStateException. {@link #apply} may run in several threads at once; close waits for them.
 */
public final class FaissPca implements AutoCloseable {
  private final NativeHandle<FaissPcaHandle> handle;

  private FaissPca(FaissPcaHandle trained) {
    this.handle = new NativeHandle<>(trained, "FAISS PCA", dc4j_faiss::dc4j_faiss_pca_close);
  }

  /**
   * Trains on x [n x d]; the caller closes it.
   *
   * @param components o, 1..min(d, n - 1)
   * @param whiten whether components are divided by the root of their eigenvalue; FAISS's
   *     eigenvalues grow with n, so that whitened training columns have length 1, not variance 1
   * @param threads 1..1024, or 0 for all cores
   * @throws org.dc4j.kernels.UnsupportedDeviceException if FAISS is not available
   * @throws org.dc4j.kernels.NumericException if whitening would divide by an eigenvalue that is
   *     not positive
   */
  public static FaissPca train(FloatMatrix x, long components, boolean whiten, int threads) {
    Faiss.require();
    FaissPcaHandle out = new FaissPcaHandle();
    Faiss.check(
        dc4j_faiss.dc4j_faiss_pca_train(
            x.pointer(), x.rows(), x.cols(), components, whiten ? 1 : 0, threads, out));
    return new FaissPca(out);
  }

  /** Width of the rows it takes (d). */
  public long inputWidth() {
    return handle.use(dc4j_faiss::dc4j_faiss_pca_dims);
  }

  /** Width of the rows it gives (o). */
  public long outputWidth() {
    return handle.use(dc4j_faiss::dc4j_faiss_pca_components);
  }

  /** [o], largest first: of the scatter matrix, which FAISS does not divide by n. */
  public float[] eigenvalues() {
    float[] values = new float[Math.toIntExact(outputWidth())];
    try (FloatPointer memory = new FloatPointer(values.length)) {
      check(pca -> dc4j_faiss.dc4j_faiss_pca_eigenvalues(pca, memory));
      memory.get(values);
    }
    return values;
  }

  /** The rows x [n x d] as a new matrix [n x o]; the caller closes it. */
  public FloatMatrix apply(FloatMatrix x, int threads) {
    FloatMatrix out = FloatMatrix.allocate(x.rows(), outputWidth());
    try {
      check(
          pca ->
              dc4j_faiss.dc4j_faiss_pca_apply(
                  pca, x.pointer(), x.rows(), x.cols(), threads, out.pointer()));
      return out;
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
  }

  private void check(ToIntFunction<FaissPcaHandle> call) {
    handle.use(
        pca -> {
          Faiss.check(call.applyAsInt(pca)); // the text of a failure is this thread's
          return null;
        });
  }

  @Override
  public void close() {
    handle.close();
  }
}
