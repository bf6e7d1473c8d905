package org.dc4j.eval;

/**
 * Rand index adjusted for chance (Hubert and Arabie 1985): agreement over pairs of items, 1 for the
 * same partition, 0 expected by chance, at least -0.5. Stateless.
 */
public final class Ari {
  private Ari() {}

  /**
   * The score of two labelings.
   *
   * @throws IllegalArgumentException for empty input, different lengths or negative labels
   */
  public static double of(int[] labels, int[] clusters) {
    return of(Contingency.of(labels, clusters));
  }

  /** The score of counted labelings. */
  public static double of(Contingency counts) {
    if (counts.samePartition()) {
      return 1;
    }
    // Ordered pairs of different items; below 2^62 each, but their products need doubles.
    long together = 0;
    for (int cell = 0; cell < counts.cells(); cell++) {
      together += pairs(counts.cellCount(cell));
    }
    long sameClass = sum(counts.classSizes());
    long sameCluster = sum(counts.clusterSizes());
    double classOnly = sameClass - together;
    double clusterOnly = sameCluster - together;
    double apart = pairs(counts.size()) - sameClass - sameCluster + together;
    double both = together;
    return 2
        * (both * apart - classOnly * clusterOnly)
        / ((both + classOnly) * (classOnly + apart) + (both + clusterOnly) * (clusterOnly + apart));
  }

  private static long sum(long[] sizes) {
    long sum = 0;
    for (long size : sizes) {
      sum += pairs(size);
    }
    return sum;
  }

  private static long pairs(long size) {
    return size * (size - 1);
  }
}
