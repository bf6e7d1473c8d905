package org.dc4j.train;

import java.util.Map;
import org.dc4j.cluster.Assignments;

/**
 * Measures a run from outside, for example against labels; training never reads what it returns. The figures go into the
 * epoch's row, so they must depend on the arguments only.
 */
public interface Probe {
  /** Measures nothing. */
  Probe NONE = (epoch, assignments, embedding) -> Map.of();

  /**
   * Figures after an epoch.
   *
   * @param assignments pseudo labels the epoch trained on
   * @param embedding the network as it is now
   */
  Map<String, Double> measure(int epoch, Assignments assignments, EmbeddingPass embedding);
}
