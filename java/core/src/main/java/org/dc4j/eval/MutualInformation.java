package org.dc4j.eval;

import java.util.Arrays;

/** Entropy, mutual information and its expectation by chance, in nats. Stateless. */
public final class MutualInformation {
  // Weights this far below the mode's cannot change a sum of at most 2^31 terms in fp64.
  private static final double NEGLIGIBLE = 1e-40;

  private MutualInformation() {}

  /** Entropy of a partition with these cell sizes (each >= 1). */
  public static double entropy(long[] sizes) {
    double n = 0;
    for (long size : sizes) {
      n += size;
    }
    double sum = 0;
    for (long size : sizes) {
      sum += size / n * Math.log(size / n);
    }
    return sizes.length == 1 ? 0 : -sum;
  }

  /** I(A; B) of the two labelings counted, >= 0; 0 if one of them has a single cell. */
  public static double of(Contingency counts) {
    if (counts.classes() == 1 || counts.clusters() == 1) {
      return 0;
    }
    long[] classSizes = counts.classSizes();
    long[] clusterSizes = counts.clusterSizes();
    double n = counts.size();
    double sum = 0;
    double covered = 0;
    for (int cell = 0; cell < counts.cells(); cell++) {
      double byChance =
          (double) classSizes[counts.cellClass(cell)]
              * clusterSizes[counts.cellCluster(cell)]
              / (n * n);
      sum += agreement(counts.cellCount(cell) / n, byChance);
      covered += byChance;
    }
    // A cell without items adds its chance share; all of those together are what the others leave.
    return sum + Math.max(0, 1 - covered);
  }

  /**
   * E[I(A; B)] over all labelings with the same sizes, every cell hypergeometric (Vinh, Epps and
   * Bailey 2010, "Information theoretic measures for clusterings comparison").
   *
   * <p>Cells with equal sizes share one sum, and the probabilities grow out of the mode by their
   * ratio, normalised at the end: no factorials, no cancellation, and a cost of distinct sizes
   * squared times the width of the distribution.
   */
  public static double expected(Contingency counts) {
    if (counts.classes() == 1 || counts.clusters() == 1) {
      return 0;
    }
    SizeGroups classGroups = SizeGroups.of(counts.classSizes());
    SizeGroups clusterGroups = SizeGroups.of(counts.clusterSizes());
    double sum = 0;
    for (int i = 0; i < classGroups.sizes().length; i++) {
      for (int j = 0; j < clusterGroups.sizes().length; j++) {
        double pairs = (double) classGroups.members()[i] * clusterGroups.members()[j];
        sum +=
            pairs * expectedCell(classGroups.sizes()[i], clusterGroups.sizes()[j], counts.size());
      }
    }
    return sum;
  }

  /** Contribution of one cell: a items of the class, b of the cluster, n in all. */
  private static double expectedCell(long a, long b, long n) {
    long low = Math.max(0, a + b - n);
    long high = Math.min(a, b);
    long mode = (long) ((a + 1.0) * (b + 1.0) / (n + 2.0));
    mode = Math.min(high, Math.max(low, mode));
    double byChance = (double) a * b / ((double) n * n);
    double weights = 1;
    double sum = agreement(mode / (double) n, byChance);
    double weight = 1;
    for (long k = mode; k < high && weight > NEGLIGIBLE; k++) {
      weight *= (double) (a - k) * (b - k) / ((k + 1.0) * (n - a - b + k + 1.0));
      weights += weight;
      sum += weight * agreement((k + 1) / (double) n, byChance);
    }
    weight = 1;
    for (long k = mode; k > low && weight > NEGLIGIBLE; k--) {
      weight *= (double) k * (n - a - b + k) / ((a - k + 1.0) * (b - k + 1.0));
      weights += weight;
      sum += weight * agreement((k - 1) / (double) n, byChance);
    }
    return sum / weights;
  }

  /**
   * q (u log u - u + 1) with u = p / q, for a cell of share p where chance gives q. Sums to the
   * mutual information like p log(p / q), as both shares sum to 1, but no term is negative, so
   * small values lose no digits.
   */
  private static double agreement(double share, double byChance) {
    if (share == 0) {
      return byChance;
    }
    double excess = (share - byChance) / byChance;
    return Math.max(0, share * Math.log1p(excess) - (share - byChance));
  }

  /** Distinct sizes and how many cells have each. */
  private record SizeGroups(long[] sizes, long[] members) {
    static SizeGroups of(long[] all) {
      long[] sorted = all.clone();
      Arrays.sort(sorted);
      long[] sizes = new long[sorted.length];
      long[] members = new long[sorted.length];
      int groups = 0;
      for (int i = 0; i < sorted.length; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
          sizes[groups++] = sorted[i];
        }
        members[groups - 1]++;
      }
      return new SizeGroups(Arrays.copyOf(sizes, groups), Arrays.copyOf(members, groups));
    }
  }
}
