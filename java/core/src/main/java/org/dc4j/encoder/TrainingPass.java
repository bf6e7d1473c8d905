package org.dc4j.encoder;

import org.dc4j.kernels.FloatMatrix;

/**
 * A recorded forward pass. A loss reads {@link #output()} in place, writes d loss / d output into
 * {@link #gradient()} in place, then {@link #backward()} sends it through the network. Nothing is
 * copied through Java arrays. Close it before the optimiser steps again.
 */
public interface TrainingPass extends AutoCloseable {
  /** [b x width] view of the output tensor; valid until close. */
  FloatMatrix output();

  /**
   * [b x embedding] what the head saw, its ReLU done, or {@link #output()} without a head; valid
   * until close.
   */
  FloatMatrix embedding();

  /** [b x width] gradient to fill; zeros at first; valid until close. */
  FloatMatrix gradient();

  /** Adds the gradients of the parameters. Once per pass. */
  void backward();

  @Override
  void close();
}
