package org.dc4j.data.sample;

/**
 * Which images each cluster has.
 *
 * @param starts [clusters + 1] where a cluster's images begin in {@code ids}
 * @param ids images, cluster after cluster, ascending within one
 */
public record ClusterMembers(int[] starts, int[] ids) {
  /**
   * Sorts images into their clusters.
   *
   * @param labels [n] cluster of each image, negative = left out
   * @throws IllegalArgumentException for a label outside the clusters
   */
  public static ClusterMembers of(int[] labels, int clusters) {
    int[] starts = starts(labels, clusters);
    int[] ids = new int[starts[clusters]];
    int[] next = starts.clone();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0) {
        ids[next[labels[i]]++] = i;
      }
    }
    return new ClusterMembers(starts, ids);
  }

  /** How many images a cluster has. */
  public int size(int cluster) {
    return starts[cluster + 1] - starts[cluster];
  }

  private static int[] starts(int[] labels, int clusters) {
    int[] starts = new int[clusters + 1];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= clusters) {
        throw new IllegalArgumentException(
            "labels[%d] is %d; accepted: 0..%d, or negative for none"
                .formatted(i, labels[i], clusters - 1));
      }
      if (labels[i] >= 0) {
        starts[labels[i] + 1]++;
      }
    }
    for (int c = 0; c < clusters; c++) {
      starts[c + 1] += starts[c];
    }
    return starts;
  }
}
