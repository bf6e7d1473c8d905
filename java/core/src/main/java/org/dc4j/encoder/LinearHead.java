package org.dc4j.encoder;

import org.dc4j.format.StateDict;

/** A linear classifier on an encoder's embeddings with an optimiser of its own. Close it. */
public interface LinearHead extends AutoCloseable {
  int classes();

  /** The rate of the following steps, at least 0; not part of {@link #state}. */
  void setLearningRate(double learningRate);

  /** One optimiser step with the gradients of the last backward, then clears them. */
  void step();

  /**
   * "weight" [classes x embedding], "bias" [classes] and the optimiser's moments under
   * "optimizer.".
   */
  StateDict state();

  void loadState(StateDict state);

  @Override
  void close();
}
