package org.dc4j.kernels;

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
    try (OutNumber loss = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_ratio_loss(
                  handle,
                  x.nativeView(),
                  centroids.nativeView(),
                  first.pointer(),
                  second.pointer(),
                  epsilon,
                  viewOrNull(gradient),
                  loss.pointer()));
      return loss.get();
    }
  }

  /**
   * InfoNCE of embeddings against a memory, mean over rows, with its gradient, in one pass over the
   * memory; the memory is constant.
   *
   * @param x [n x d]
   * @param memory [k x d]
   * @param labels [n] the memory row of each x; -1 leaves a row out
   * @param temperature 1e-6..1e6
   * @param gradient [n x d] out, or null
   */
  public double infoNce(
      FloatMatrix x,
      FloatMatrix memory,
      IntVector labels,
      double temperature,
      FloatMatrix gradient) {
    return infoNce(x, memory, labels, temperature, Precision.FP32, gradient);
  }

  /**
   * {@link #infoNce(FloatMatrix, FloatMatrix, IntVector, double, FloatMatrix)} with products of the
   * given precision. With FAST in 16 bits, rows of length 1 and temperatures from 0.05 the loss is
   * within 1e-4 and every row of the gradient within 2e-3 of its length.
   */
  public double infoNce(
      FloatMatrix x,
      FloatMatrix memory,
      IntVector labels,
      double temperature,
      Precision precision,
      FloatMatrix gradient) {
    Kernels.requireSize("labels", labels.size(), x.rows());
    try (OutNumber loss = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_info_nce(
                  handle,
                  x.nativeView(),
                  memory.nativeView(),
                  labels.pointer(),
                  temperature,
                  precision.code,
                  viewOrNull(gradient),
                  loss.pointer()));
      return loss.get();
    }
  }

  /**
   * The label-preserving loss of implicit sample extension, with both gradients: own hardest
   * support against the hardest of every other label.
   *
   * @param x [n x d]
   * @param labels [n] group ids; -1 leaves a row out
   * @param supports [m x d]
   * @param supportLabels [m] group ids; -1 leaves a support out
   * @param temperature 1e-6..1e6
   * @param gradient [n x d] out, with respect to x, or null
   * @param supportGradient [m x d] out, with respect to the supports, or null
   */
  public double labelPreservingLoss(
      FloatMatrix x,
      IntVector labels,
      FloatMatrix supports,
      IntVector supportLabels,
      double temperature,
      FloatMatrix gradient,
      FloatMatrix supportGradient) {
    Kernels.requireSize("labels", labels.size(), x.rows());
    Kernels.requireSize("supportLabels", supportLabels.size(), supports.rows());
    try (OutNumber loss = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_label_preserving_loss(
                  handle,
                  x.nativeView(),
                  labels.pointer(),
                  supports.nativeView(),
                  supportLabels.pointer(),
                  temperature,
                  viewOrNull(gradient),
                  viewOrNull(supportGradient),
                  loss.pointer()));
      return loss.get();
    }
  }

  /**
   * Implicit support samples: s_i = normalize(x_i + lambda (c_other - c_own)).
   *
   * @param x [n x d]
   * @param memory [k x d]
   * @param own [n] memory rows that x moves away from; -1 leaves it where it is
   * @param other [n] memory rows that x moves towards; -1 leaves it where it is
   * @param lambda 0..1e6
   * @param supports [n x d] out
   */
  public void extendRows(
      FloatMatrix x,
      FloatMatrix memory,
      IntVector own,
      IntVector other,
      double lambda,
      FloatMatrix supports) {
    Kernels.requireSize("own", own.size(), x.rows());
    Kernels.requireSize("other", other.size(), x.rows());
    context.call(
        handle ->
            dc4j.dc4j_extend_rows(
                handle,
                x.nativeView(),
                memory.nativeView(),
                own.pointer(),
                other.pointer(),
                lambda,
                supports.nativeView()));
  }

  /**
   * Adds to the gradient of x what comes back through the supports that {@link #extendRows} made of
   * it; the memory is constant.
   *
   * @param supportGradient [n x d] d loss / d supports
   * @param gradient [n x d] in and out
   */
  public void extendRowsGradient(
      FloatMatrix x,
      FloatMatrix memory,
      IntVector own,
      IntVector other,
      double lambda,
      FloatMatrix supportGradient,
      FloatMatrix gradient) {
    Kernels.requireSize("own", own.size(), x.rows());
    Kernels.requireSize("other", other.size(), x.rows());
    context.call(
        handle ->
            dc4j.dc4j_extend_rows_gradient(
                handle,
                x.nativeView(),
                memory.nativeView(),
                own.pointer(),
                other.pointer(),
                lambda,
                supportGradient.nativeView(),
                gradient.nativeView()));
  }

  /** out += scale x, for gradients of weighted sums of losses. x, out [n x d]. */
  public void addScaled(FloatMatrix x, double scale, FloatMatrix out) {
    context.call(handle -> dc4j.dc4j_add_scaled(handle, x.nativeView(), scale, out.nativeView()));
  }

  /**
   * Momentum update of a memory: c_y = normalize(oldWeight c_y + (1 - oldWeight) x_i).
   *
   * @param memory [k x d], in and out
   * @param x [n x d]
   * @param labels [n] the memory row of each x; -1 skips a row
   * @param oldWeight 0..1, the share of the old memory row that stays
   */
  public void memoryUpdate(
      FloatMatrix memory, FloatMatrix x, IntVector labels, MemoryUpdate mode, double oldWeight) {
    Kernels.requireSize("labels", labels.size(), x.rows());
    context.call(
        handle ->
            dc4j.dc4j_memory_update(
                handle,
                memory.nativeView(),
                x.nativeView(),
                labels.pointer(),
                mode.code,
                oldWeight));
  }

  private static MatrixView viewOrNull(FloatMatrix matrix) {
    return matrix == null ? null : matrix.nativeView();
  }
}
