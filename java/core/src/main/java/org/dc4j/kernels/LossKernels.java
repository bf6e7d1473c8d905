package org.dc4j.kernels;

import org.bytedeco.javacpp.DoublePointer;
import org.dc4j.nativecore.ContextHandle;
import org.dc4j.nativecore.MatrixView;
import org.dc4j.nativecore.global.dc4j;

/**
 * Losses of embeddings with their gradients, of one context. Arguments and exceptions as in {@link
 * Kernels}; every definition stands in native/include/dc4j/losses.h.
 */
public final class LossKernels {
  /** The epsilon of {@link #ratioLoss} for rows of length 1. */
  public static final double RATIO_EPSILON = 1e-6;

  private final DeviceContext context;

  LossKernels(DeviceContext context) {
    this.context = context;
  }

  /**
   * Mean over rows of |x - c_first| / |x - c_second|, with its gradient; centroids and labels are
   * constants.
   *
   * @param x [n x d]
   * @param centroids [k x d]
   * @param first [n] nearest centroids, as {@link Kernels#kmeansAssign2} gives them; -1 leaves a
   *     row out
   * @param second [n] second nearest, different from first; -1 leaves a row out
   * @param epsilon distance below which the gradient is damped, see {@link #RATIO_EPSILON}
   * @param gradient [n x d] out, or null
   */
  public double ratioLoss(
      FloatMatrix x,
      FloatMatrix centroids,
      IntVector first,
      IntVector second,
      double epsilon,
      FloatMatrix gradient) {
    Kernels.requireSize("first", first.size(), x.rows());
    Kernels.requireSize("second", second.size(), x.rows());
    try (DoublePointer loss = new DoublePointer(1)) {
      Status.check(
          dc4j.dc4j_ratio_loss(
              handle(),
              x.nativeView(),
              centroids.nativeView(),
              first.pointer(),
              second.pointer(),
              epsilon,
              viewOrNull(gradient),
              loss));
      return loss.get();
    }
  }

  private ContextHandle handle() {
    return context.handle();
  }

  private static MatrixView viewOrNull(FloatMatrix matrix) {
    return matrix == null ? null : matrix.nativeView();
  }
}
