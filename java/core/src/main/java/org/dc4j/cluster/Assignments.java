package org.dc4j.cluster;

import java.util.Optional;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;

/**
 * The result of one clustering pass, immutable: pseudo label and squared distance by image id.
 *
 * @param labels [n] cluster of each image, -1 = in none
 * @param distances [n] squared distance to the cluster's centre
 * @param k clusters, empty ones included
 * @param objective sum of the squared distances
 * @param iterations iterations the algorithm did
 */
public record Assignments(
    int[] labels, float[] distances, int k, double objective, int iterations) {

  /** Copies a k-means result out of native memory. */
  public static Assignments of(KMeans.Result result, int k) {
    return new Assignments(
        result.labels().toArray(),
        result.distances().toArray(),
        k,
        result.objective(),
        result.iterations());
  }

  /** The labels of some images, in their order. */
  public int[] labelsOf(int[] ids) {
    return select(labels, ids);
  }

  /** values[ids[0]], values[ids[1]], ... */
  public static int[] select(int[] values, int[] ids) {
    int[] selected = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      selected[i] = values[ids[i]];
    }
    return selected;
  }

  /** The labels with noise as cluster k, for scores that know no noise. */
  public int[] noiseAsCluster() {
    int[] renamed = labels.clone();
    for (int i = 0; i < renamed.length; i++) {
      renamed[i] = renamed[i] < 0 ? k : renamed[i];
    }
    return renamed;
  }

  /** Labels, distances and the number of clusters, for a checkpoint. */
  public StateDict state() {
    return new StateDict()
        .put("labels", TensorData.of(labels, labels.length))
        .put("distances", TensorData.of(distances, distances.length))
        .put("clusters", TensorData.of(new int[] {k}, 1));
  }

  /** What {@link #state} gave, without objective and iterations; empty if there is none. */
  public static Optional<Assignments> restore(StateDict state) {
    if (!state.contains("labels")) {
      return Optional.empty();
    }
    return Optional.of(
        new Assignments(
            state.get("labels").ints(),
            state.get("distances").floats(),
            state.get("clusters").ints()[0],
            Double.NaN,
            0));
  }

  /** [k] rows in each cluster. */
  public int[] sizes() {
    int[] sizes = new int[k];
    for (int label : labels) {
      if (label >= 0) {
        sizes[label]++;
      }
    }
    return sizes;
  }

  /**
   * The same clustering with labels 0.. over the clusters that have members, in order of the old
   * labels; what a classifier with one output per cluster needs.
   */
  public Assignments compact() {
    int[] sizes = sizes();
    int[] renamed = new int[k];
    int next = 0;
    for (int c = 0; c < k; c++) {
      renamed[c] = sizes[c] > 0 ? next++ : -1;
    }
    int[] compacted = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      compacted[i] = labels[i] < 0 ? -1 : renamed[labels[i]];
    }
    return new Assignments(compacted, distances, next, objective, iterations);
  }
}
