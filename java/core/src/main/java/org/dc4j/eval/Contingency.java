package org.dc4j.eval;

import java.util.Arrays;

/**
 * How two labelings of the same n items meet: the counts of items per (class, cluster) pair, kept
 * only where they are not 0, so memory is O(n) whatever the number of classes and clusters. Class
 * and cluster indices follow ascending label values. Immutable, thread-safe.
 */
public final class Contingency {
  private final long size;
  private final long[] classSizes;
  private final long[] clusterSizes;
  private final int[] cellClasses;
  private final int[] cellClusters;
  private final long[] cellCounts;

  private Contingency(DenseLabels classes, DenseLabels clusters) {
    int n = classes.indices().length;
    size = n;
    classSizes = classes.sizes();
    clusterSizes = clusters.sizes();
    long[] pairs = new long[n];
    for (int i = 0; i < n; i++) {
      pairs[i] = (long) classes.indices()[i] << 32 | clusters.indices()[i];
    }
    Arrays.sort(pairs);
    int cells = 0;
    for (int i = 0; i < n; i++) {
      cells += i == 0 || pairs[i] != pairs[i - 1] ? 1 : 0;
    }
    cellClasses = new int[cells];
    cellClusters = new int[cells];
    cellCounts = new long[cells];
    int cell = -1;
    for (int i = 0; i < n; i++) {
      if (i == 0 || pairs[i] != pairs[i - 1]) {
        cell++;
        cellClasses[cell] = (int) (pairs[i] >>> 32);
        cellClusters[cell] = (int) pairs[i];
      }
      cellCounts[cell]++;
    }
  }

  /**
   * Counts of two labelings.
   *
   * @param labels [n] classes >= 0, n >= 1
   * @param clusters [n] clusters >= 0
   * @throws IllegalArgumentException if they are empty, differ in length or hold a negative label
   */
  public static Contingency of(int[] labels, int[] clusters) {
    requireSameLength(labels, clusters);
    requireNotNegative("labels", labels);
    requireNotNegative("clusters", clusters);
    return new Contingency(DenseLabels.of(labels), DenseLabels.of(clusters));
  }

  /**
   * Counts of the items that have both labels: an item whose class or cluster is negative (noise of
   * DBSCAN, an unlabelled image) is left out.
   *
   * @throws IllegalArgumentException if the lengths differ or no item is left
   */
  public static Contingency ofLabelled(int[] labels, int[] clusters) {
    requireSameLength(labels, clusters);
    int[] keptLabels = new int[labels.length];
    int[] keptClusters = new int[labels.length];
    int kept = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0 && clusters[i] >= 0) {
        keptLabels[kept] = labels[i];
        keptClusters[kept++] = clusters[i];
      }
    }
    if (kept == 0) {
      throw new IllegalArgumentException(
          "none of " + labels.length + " items has both a class >= 0 and a cluster >= 0");
    }
    return of(Arrays.copyOf(keptLabels, kept), Arrays.copyOf(keptClusters, kept));
  }

  /** Items counted, n. */
  public long size() {
    return size;
  }

  /** Distinct classes. */
  public int classes() {
    return classSizes.length;
  }

  /** Distinct clusters (none of them empty). */
  public int clusters() {
    return clusterSizes.length;
  }

  /** Items of each class; a copy. */
  public long[] classSizes() {
    return classSizes.clone();
  }

  /** Items of each cluster; a copy. */
  public long[] clusterSizes() {
    return clusterSizes.clone();
  }

  /** Pairs (class, cluster) that occur. */
  public int cells() {
    return cellCounts.length;
  }

  /** Class index of a cell; cells are ordered by class, then cluster. */
  public int cellClass(int cell) {
    return cellClasses[cell];
  }

  /** Cluster index of a cell. */
  public int cellCluster(int cell) {
    return cellClusters[cell];
  }

  /** Items of a cell, >= 1. */
  public long cellCount(int cell) {
    return cellCounts[cell];
  }

  /** True if the two labelings are the same partition under other names. */
  public boolean samePartition() {
    return cells() == classes() && cells() == clusters();
  }

  static void requireSameLength(int[] labels, int[] clusters) {
    if (labels.length != clusters.length) {
      throw new IllegalArgumentException(
          labels.length + " labels but " + clusters.length + " clusters; one of each per item");
    }
    if (labels.length == 0) {
      throw new IllegalArgumentException("no items; at least one is needed");
    }
  }

  static void requireNotNegative(String name, int[] values) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0) {
        throw new IllegalArgumentException(
            name + "[" + i + "] is " + values[i] + "; accepted: >= 0 (leave unlabelled items out)");
      }
    }
  }
}
