package org.dc4j.train;

import java.util.Map;
import org.dc4j.encoder.Encoder;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;

/**
 * The weights that a run keeps where its plan names labelled data to choose an epoch by
 * (evaluation.selectOn): those of the epoch of largest score, the earliest on ties. They are part
 * of every checkpoint. Training goes on from the last epoch's, which this never touches.
 */
public final class BestEpoch {
  /** How good a network is, by labels: the larger the better. */
  public interface Score {
    /** Of the figure, as a key of an epoch's row. */
    String name();

    double of(Probe.Network network);
  }

  private final Score score; // null: nothing is chosen, the last epoch's weights stay
  private int epoch;
  private double largest = Double.NEGATIVE_INFINITY;
  private StateDict weights = new StateDict();

  private BestEpoch(Score score) {
    this.score = score;
  }

  /** Chooses nothing. */
  public static BestEpoch last() {
    return new BestEpoch(null);
  }

  public static BestEpoch by(Score score) {
    return new BestEpoch(score);
  }

  /** Whether there is a score to choose by. */
  boolean chooses() {
    return score != null;
  }

  /**
   * After an epoch.
   *
   * @param done epochs done
   * @param row receives the score
   */
  void consider(int done, Encoder encoder, Probe.Network network, Map<String, Object> row) {
    if (score == null) {
      return;
    }
    double now = score.of(network);
    row.put(score.name(), now);
    if (now > largest) {
      largest = now;
      epoch = done;
      weights = encoder.weights();
    }
  }

  /**
   * Gives the chosen weights to the encoder; leaves it as it is where nothing was chosen.
   *
   * @param row receives the epoch and its score
   */
  public void use(Encoder encoder, Map<String, Object> row) {
    if (epoch == 0) {
      return;
    }
    encoder.loadWeights(weights);
    row.put("selected_epoch", epoch);
    row.put(score.name(), largest);
  }

  StateDict state() {
    StateDict state = new StateDict();
    if (epoch > 0) {
      state.put("epoch", TensorData.of(new int[] {epoch}, 1));
      state.put("score", TensorData.of(new double[] {largest}, 1));
      state.putAll("weights.", weights);
    }
    return state;
  }

  void restore(StateDict state) {
    if (state.contains("epoch")) {
      epoch = state.get("epoch").ints()[0];
      largest = state.get("score").doubles()[0];
      weights = state.subset("weights.");
    }
  }
}
