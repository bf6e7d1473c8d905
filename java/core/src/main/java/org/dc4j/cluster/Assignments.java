package org.dc4j.cluster;

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
