package org.dc4j.cluster;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;

/**
 * Means of the members of clusters that did not come from k-means: what a cluster memory starts
 * from, and what a member's distance is measured to.
 */
public final class ClusterMeans {
  private ClusterMeans() {}

  /**
   * The mean of every cluster's rows; the caller closes it.
   *
   * @param x [n x d]
   * @param labels [n] in 0..k-1, or -1 for a row of no cluster
   * @param normalize whether means are scaled to unit length (a zero mean stays zero)
   * @return [k x d]; a cluster without rows has a zero row
   */
  public static FloatMatrix of(
      Kernels kernels, FloatMatrix x, int[] labels, int k, boolean normalize) {
    FloatMatrix means = FloatMatrix.allocate(k, x.cols());
    try (IntVector cluster = IntVector.of(labels);
        LongVector counts = LongVector.allocate(k)) {
      if (k > 0) {
        kernels.kmeansUpdate(x, cluster, means, counts);
        if (normalize) {
          kernels.normalizeRows(means, means);
        }
      }
      return means;
    } catch (RuntimeException e) {
      means.close();
      throw e;
    }
  }

  /** The clustering of x into given labels, with the squared distance of each row to its mean. */
  public static Assignments assignments(Kernels kernels, FloatMatrix x, int[] labels, int k) {
    float[] distances = new float[labels.length];
    double objective = 0;
    try (FloatMatrix means = of(kernels, x, labels, k, false)) {
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] >= 0) {
          double distance = squaredDistance(x.row(i), means.row(labels[i]));
          distances[i] = (float) distance;
          objective += distance;
        }
      }
    }
    return new Assignments(labels, distances, k, objective, 0);
  }

  private static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      double difference = (double) a[j] - b[j];
      sum += difference * difference;
    }
    return sum;
  }
}
