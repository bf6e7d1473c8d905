package org.dc4j.eval;

/**
 * Normalised mutual information of two labelings, in [0, 1]; 1 for the same partition under other
 * names. The normaliser changes the number, so it has a name here: scikit-learn since 0.22 divides
 * by the arithmetic mean of the entropies, the DeepCluster paper by the geometric one. Stateless.
 *
 * <p>Two labelings of one cell each score 1; if only one of them has a single cell, 0. All methods
 * throw IllegalArgumentException for empty input, different lengths or negative labels.
 */
public final class Nmi {
  private Nmi() {}

  /** The arithmetic score, what scikit-learn reports by default. */
  public static double of(int[] labels, int[] clusters) {
    return arithmetic(Contingency.of(labels, clusters));
  }

  /** I(A; B) / sqrt(H(A) H(B)), as in the DeepCluster paper. */
  public static double geometric(int[] labels, int[] clusters) {
    return geometric(Contingency.of(labels, clusters));
  }

  /** I(A; B) / ((H(A) + H(B)) / 2). */
  public static double arithmetic(Contingency counts) {
    double a = MutualInformation.entropy(counts.classSizes());
    double b = MutualInformation.entropy(counts.clusterSizes());
    return normalized(counts, (a + b) / 2);
  }

  /** I(A; B) / sqrt(H(A) H(B)). */
  public static double geometric(Contingency counts) {
    double a = MutualInformation.entropy(counts.classSizes());
    double b = MutualInformation.entropy(counts.clusterSizes());
    return normalized(counts, Math.sqrt(a * b));
  }

  private static double normalized(Contingency counts, double mean) {
    if (counts.samePartition()) {
      return 1; // also where both entropies are 0
    }
    double information = MutualInformation.of(counts);
    return information == 0 ? 0 : Math.min(1, information / mean);
  }
}
