package org.dc4j.method;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.dc4j.cluster.JaccardDbscan;

/**
 * SpCL's choice of clusters to believe in (Ge et al., NeurIPS 2020; methods.md 2.8). An image's
 * members in three clusterings, of eps, of a tighter and of a looser one: I, I_tight, I_loose; an
 * image that is noise stands alone. Its compactness gap is 1 - IoU(I, I_tight), its independence
 * gap 1 - IoU(I, I_loose); a cluster's gaps are the least of its members'. An image keeps its
 * cluster if the cluster's independence gap is at most a threshold and its own compactness gap at
 * most the cluster's; else it stands alone.
 */
final class SelfPacedLabels {
  private static final double QUANTILE = 0.9;

  private final int[] labels;
  private final int clusters;
  private final double[] compactness; // [n] of images
  private final double[] leastCompactness; // [clusters]
  private final double[] leastIndependence; // [clusters]

  SelfPacedLabels(JaccardDbscan.Found found, int[] tight, int[] loose) {
    this.labels = found.labels();
    this.clusters = found.clusters();
    this.compactness = gaps(labels, tight);
    this.leastCompactness = least(compactness);
    this.leastIndependence = least(gaps(labels, loose));
  }

  /**
   * The 90 % quantile of the clusters' independence gaps: entry round(0.9 m) of the m sorted ones,
   * at most the last.
   *
   * @throws IllegalStateException without clusters
   */
  double threshold() {
    if (clusters == 0) {
      throw new IllegalStateException("no cluster has an independence gap");
    }
    double[] sorted = leastIndependence.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(clusters - 1, (int) Math.rint(QUANTILE * clusters))];
  }

  /** [n] the cluster of an image that keeps it, -1 = stands alone. */
  int[] kept(double threshold) {
    int[] kept = labels.clone();
    for (int i = 0; i < kept.length; i++) {
      int cluster = labels[i];
      boolean keeps =
          cluster >= 0
              && leastIndependence[cluster] <= threshold
              && compactness[i] <= leastCompactness[cluster];
      kept[i] = keeps ? cluster : -1;
    }
    return kept;
  }

  private double[] least(double[] gaps) {
    double[] least = new double[clusters];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0) {
        least[labels[i]] = Math.min(least[labels[i]], gaps[i]);
      }
    }
    return least;
  }

  /** [n] 1 - |A n B| / |A u B| of an image's members A in one clustering and B in another. */
  private static double[] gaps(int[] one, int[] other) {
    int[] ofOne = sizes(one);
    int[] ofOther = sizes(other);
    Map<Long, Integer> shared = new HashMap<>();
    for (int i = 0; i < one.length; i++) {
      shared.merge(cell(one[i], other[i]), 1, Integer::sum);
    }
    double[] gaps = new double[one.length];
    for (int i = 0; i < one.length; i++) {
      boolean alone = one[i] < 0 || other[i] < 0; // then the image itself is all they share
      int both = alone ? 1 : shared.get(cell(one[i], other[i]));
      int all = size(ofOne, one[i]) + size(ofOther, other[i]) - both;
      gaps[i] = 1 - (double) both / all;
    }
    return gaps;
  }

  private static long cell(int one, int other) {
    return ((long) one << 32) | (other & 0xFFFFFFFFL);
  }

  private static int[] sizes(int[] labels) {
    int[] sizes = new int[Arrays.stream(labels).max().orElse(-1) + 1];
    for (int label : labels) {
      if (label >= 0) {
        sizes[label]++;
      }
    }
    return sizes;
  }

  private static int size(int[] sizes, int label) {
    return label < 0 ? 1 : sizes[label];
  }
}
