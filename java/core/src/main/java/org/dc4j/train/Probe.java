package org.dc4j.train;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.data.ImageSource;
import org.dc4j.kernels.FloatMatrix;

/**
 * Measures a run from outside, for example against labels; training never reads what it returns.
 * The figures go into the epoch's row, so they must depend on the arguments only.
 */
public interface Probe {
  /** Measures nothing. */
  Probe NONE = (epoch, assignments, network) -> Map.of();

  /** The network as it is now. */
  interface Network {
    /**
     * Embeddings [n x embedding] in the source's order, evaluation mode; the caller closes them.
     */
    FloatMatrix embeddings(ImageSource images);
  }

  /**
   * Figures after an epoch.
   *
   * @param epoch epochs done
   * @param assignments pseudo labels the epoch trained on
   */
  Map<String, Double> measure(int epoch, Assignments assignments, Network network);
}
