package org.dc4j.train;

import org.dc4j.kernels.NotFiniteException;

/** The network's numbers are no longer finite; the message says where, and what to do. */
public final class TrainingDivergedException extends RuntimeException {
  private TrainingDivergedException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What a kernel met, as the run sees it.
   *
   * @param where for example "epoch 3, step 41, learning rate 0.1"
   */
  public static TrainingDivergedException of(String where, NotFiniteException cause) {
    return new TrainingDivergedException(
        "%s: training has diverged (%s); start again with a smaller optimizer.learningRate, or with optimizer.warmupEpochs"
            .formatted(where, cause.getMessage()),
        cause);
  }
}
