package org.dc4j.eval;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether a clustering is alive: sizes, collapse, change. Sizes count the k clusters, empty ones
 * included. What was not measured is NaN. Immutable.
 *
 * @param k clusters
 * @param items items, unassigned ones included
 * @param unassigned items with a negative label (noise)
 * @param empty clusters without items
 * @param singletons clusters of one item
 * @param smallest items of the smallest cluster
 * @param median median cluster size
 * @param largest items of the largest cluster
 * @param largestShare of the assigned items in the largest cluster, in [0, 1]; near 1 is collapse
 * @param gini inequality of the sizes: 0 all equal, (k - 1) / k all in one cluster
 * @param effectiveRank see {@link #effectiveRank(double[])}, or NaN
 * @param churn see {@link #churn(int[], int[])}, or NaN
 */
public record ClusterHealth(
    int k,
    int items,
    int unassigned,
    int empty,
    int singletons,
    int smallest,
    double median,
    int largest,
    double largestShare,
    double gini,
    double effectiveRank,
    double churn) {

  /**
   * The sizes of an assignment.
   *
   * @param labels [n] below k; negative = unassigned
   * @param k >= 1
   * @throws IllegalArgumentException if k < 1 or a label is not below k
   */
  public static ClusterHealth of(int[] labels, int k) {
    if (k < 1) {
      throw new IllegalArgumentException(k + " clusters; at least 1 is needed");
    }
    int[] sizes = new int[k];
    int unassigned = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= k) {
        throw new IllegalArgumentException(
            "labels[%d] is %d; accepted: below k = %d".formatted(i, labels[i], k));
      }
      if (labels[i] < 0) {
        unassigned++;
      } else {
        sizes[labels[i]]++;
      }
    }
    Arrays.sort(sizes);
    int assigned = labels.length - unassigned;
    return new ClusterHealth(
        k,
        labels.length,
        unassigned,
        (int) Arrays.stream(sizes).filter(size -> size == 0).count(),
        (int) Arrays.stream(sizes).filter(size -> size == 1).count(),
        sizes[0],
        (sizes[(k - 1) / 2] + (double) sizes[k / 2]) / 2,
        sizes[k - 1],
        assigned == 0 ? 0 : sizes[k - 1] / (double) assigned,
        gini(sizes, assigned),
        Double.NaN,
        Double.NaN);
  }

  /** This health with the effective rank of the embeddings that were clustered. */
  public ClusterHealth withEffectiveRank(double[] eigenvalues) {
    return with(effectiveRank(eigenvalues), churn);
  }

  /** This health with the churn since the assignment before. */
  public ClusterHealth withChurn(int[] before, int[] after) {
    return with(effectiveRank, churn(before, after));
  }

  private ClusterHealth with(double newEffectiveRank, double newChurn) {
    return new ClusterHealth(
        k,
        items,
        unassigned,
        empty,
        singletons,
        smallest,
        median,
        largest,
        largestShare,
        gini,
        newEffectiveRank,
        newChurn);
  }

  /**
   * Share of items that changed their cluster, after the clusters of both assignments are matched
   * one to one as well as they can be: numbering alone is no change, and a fresh k-means numbers
   * freely. Items without a cluster on either side count as changed, on both sides as unchanged.
   *
   * @throws IllegalArgumentException for empty input, different lengths, or too many clusters to
   *     match (see {@link ClusterAccuracy})
   */
  public static double churn(int[] before, int[] after) {
    Contingency.requireSameLength(before, after);
    int assigned = 0;
    int neither = 0;
    for (int i = 0; i < before.length; i++) {
      assigned += before[i] >= 0 && after[i] >= 0 ? 1 : 0;
      neither += before[i] < 0 && after[i] < 0 ? 1 : 0;
    }
    double kept =
        assigned == 0
            ? 0
            : Math.rint(ClusterAccuracy.of(Contingency.ofLabelled(before, after)) * assigned);
    return (before.length - kept - neither) / before.length;
  }

  /**
   * Share of items that did not stay with most of their old cluster: 0 if clusters only merged or
   * were renumbered. Where {@link #churn} matches clusters one to one, this needs no matching and
   * serves any number of them. Unassigned items count as one cluster.
   *
   * @throws IllegalArgumentException for empty input or different lengths
   */
  public static double moved(int[] before, int[] after) {
    Contingency.requireSameLength(before, after);
    Map<Long, Integer> overlaps = new HashMap<>();
    Map<Integer, Integer> most = new HashMap<>();
    for (int i = 0; i < before.length; i++) {
      int old = Math.max(-1, before[i]);
      long cell = ((long) old << 32) + Math.max(-1, after[i]);
      most.merge(old, overlaps.merge(cell, 1, Integer::sum), Math::max);
    }
    int kept = most.values().stream().mapToInt(Integer::intValue).sum();
    return (before.length - kept) / (double) before.length;
  }

  /**
   * exp of the entropy of the normalised eigenvalues (Roy and Vetterli 2007): between 1 and their
   * number; near 1, the embeddings have collapsed onto a line.
   *
   * @param eigenvalues of the covariance, at least one > 0; tiny negative ones count as 0
   * @throws IllegalArgumentException if none is > 0 or one is NaN or infinite
   */
  public static double effectiveRank(double[] eigenvalues) {
    double sum = 0;
    for (int i = 0; i < eigenvalues.length; i++) {
      if (!Double.isFinite(eigenvalues[i])) {
        throw new IllegalArgumentException("eigenvalue " + i + " is " + eigenvalues[i]);
      }
      sum += Math.max(0, eigenvalues[i]);
    }
    if (sum == 0) {
      throw new IllegalArgumentException(
          "none of " + eigenvalues.length + " eigenvalues is > 0: the embeddings are all equal");
    }
    double entropy = 0;
    for (double eigenvalue : eigenvalues) {
      double share = eigenvalue / sum;
      entropy -= share > 0 ? share * Math.log(share) : 0;
    }
    return Math.exp(entropy);
  }

  private static double gini(int[] ascending, int total) {
    double weighted = 0;
    for (int i = 0; i < ascending.length; i++) {
      weighted += (2.0 * (i + 1) - ascending.length - 1) * ascending[i];
    }
    return total == 0 ? 0 : weighted / ((double) ascending.length * total);
  }
}
