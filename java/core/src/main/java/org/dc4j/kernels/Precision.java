package org.dc4j.kernels;

import org.dc4j.nativecore.global.dc4j;

/**
 * What the products of {@link Kernels#pca(long, Precision)} and {@link LossKernels#infoNce} are
 * computed in. What each costs in accuracy stands in native/include/dc4j/kernels.h and losses.h.
 */
public enum Precision {
  /** fp32 products, the default. */
  FP32(dc4j.DC4J_PRECISION_FP32),
  /**
   * 16-bit factors with 32-bit sums, at twice the rate, where {@link DeviceContext#fastProducts} is
   * "bf16"; the same as {@link #FP32} elsewhere.
   */
  FAST(dc4j.DC4J_PRECISION_FAST);

  final int code;

  Precision(int code) {
    this.code = code;
  }
}
