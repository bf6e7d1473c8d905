package org.dc4j.eval;

/**
 * Unsupervised accuracy: the share of items whose cluster is matched with their class, under the
 * best one-to-one matching of clusters with classes. Where the numbers differ, the clusters (or
 * classes) left over count as wrong. In (0, 1]. Stateless.
 */
public final class ClusterAccuracy {
  // A dense table of doubles this large takes 512 MiB.
  private static final long MAX_TABLE = 1L << 26;

  private ClusterAccuracy() {}

  /**
   * The score of two labelings.
   *
   * @throws IllegalArgumentException for empty input, different lengths, negative labels, or more
   *     than 2^26 (class, cluster) pairs, which the matching cannot hold
   */
  public static double of(int[] labels, int[] clusters) {
    return of(Contingency.of(labels, clusters));
  }

  /** The score of counted labelings. */
  public static double of(Contingency counts) {
    if (counts.samePartition()) {
      return 1;
    }
    int rows = counts.classes();
    int columns = counts.clusters();
    if ((long) rows * columns > MAX_TABLE) {
      throw new IllegalArgumentException(
          "%d classes x %d clusters to match; accepted: at most %d pairs"
              .formatted(rows, columns, MAX_TABLE));
    }
    double[][] costs = new double[rows][columns];
    for (int cell = 0; cell < counts.cells(); cell++) {
      costs[counts.cellClass(cell)][counts.cellCluster(cell)] = -counts.cellCount(cell);
    }
    int[] match = LinearAssignment.minimize(costs);
    double matched = 0;
    for (int i = 0; i < rows; i++) {
      matched -= match[i] < 0 ? 0 : costs[i][match[i]];
    }
    return matched / counts.size();
  }
}
