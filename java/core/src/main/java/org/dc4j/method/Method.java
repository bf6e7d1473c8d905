package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;

/**
 * A deep-clustering method: when it clusters, which images an epoch trains on, and what a step
 * minimises. The loop around it (data, evaluation, checkpoints) is the same for all. Close it. Not
 * thread-safe.
 */
public interface Method extends AutoCloseable {
  /**
   * Starts an epoch: clusters if the epoch calls for it.
   *
   * @param metrics receives the epoch's clustering figures, in order
   * @return image ids to train on, in order
   */
  int[] beginEpoch(int epoch, Map<String, Object> metrics);

  /**
   * One optimisation step.
   *
   * @param ids [b] image ids
   * @param pixels [b x (C*H*W)] their training views
   * @param step global step number, the key of the step's randomness
   * @return loss, mean over the batch
   */
  double step(int[] ids, FloatMatrix pixels, long step);

  /** Pseudo labels in force; null before the first clustering. */
  Assignments assignments();

  /** Clusters once more after the last epoch: the result the user gets, empty clusters included. */
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
