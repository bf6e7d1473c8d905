package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.data.ImageBatch;
import org.dc4j.format.StateDict;

/**
 * A deep-clustering method: when it clusters, which images an epoch trains on, and what a step
 * minimises. The loop around it (data, evaluation, health, checkpoints) is the same for all. Made
 * by a constructor that takes a {@link MethodContext} and throws IllegalArgumentException, naming
 * the setting and what would be accepted, for a plan that its images cannot serve. Close it. Not
 * thread-safe.
 */
public interface Method extends AutoCloseable {
  /**
   * Starts an epoch: clusters if the epoch calls for it.
   *
   * @param metrics receives figures of the method's own, in order
   * @return image ids to train on, in order; a last batch that is not full is left out
   */
  int[] beginEpoch(int epoch, Map<String, Object> metrics);

  /**
   * The learning rate of the coming steps for the method's own head; nothing for a method without.
   */
  default void setHeadLearningRate(double learningRate) {}

  /**
   * One optimisation step.
   *
   * @param batch images by id with their training views; the caller closes it
   * @param step global step number, the key of the step's randomness
   * @return loss, mean over the batch
   */
  double step(ImageBatch batch, long step);

  /** Ends an epoch: figures that only its steps could give. */
  default void endEpoch(int epoch, Map<String, Object> metrics) {}

  /**
   * Pseudo labels in force, empty clusters included; null before the first clustering. A new object
   * whenever they changed.
   */
  Assignments assignments();

  /** The clusters of the trained network: the result the user gets, after the last epoch. */
  Assignments finalAssignments(Map<String, Object> metrics);

  /** What the method holds besides the encoder, for a checkpoint at any step. */
  StateDict state();

  /**
   * Continues inside an epoch from {@link #state()}.
   *
   * @return the same ids that beginEpoch gave
   */
  int[] resumeEpoch(int epoch, StateDict state);

  /** Takes over the state saved at an epoch's end; beginEpoch follows. */
  void restore(StateDict state);

  @Override
  void close();
}
