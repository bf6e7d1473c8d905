package org.dc4j.eval;

/**
 * Mutual information adjusted for chance, (I - E[I]) / (mean(H(A), H(B)) - E[I]) with the
 * arithmetic mean: 1 for the same partition, about 0 for unrelated labelings whatever the number of
 * clusters, negative below chance (Vinh, Epps and Bailey 2010; the default of scikit-learn).
 * Stateless.
 */
public final class Ami {
  private Ami() {}

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
      return 1; // where chance agrees perfectly too, the quotient would be 0 / 0
    }
    double expected = MutualInformation.expected(counts);
    double entropy =
        (MutualInformation.entropy(counts.classSizes())
                + MutualInformation.entropy(counts.clusterSizes()))
            / 2;
    // Different partitions: the mean entropy is above I, and above E[I] by more than rounding.
    return (MutualInformation.of(counts) - expected) / (entropy - expected);
  }
}
