package org.dc4j.eval;

import org.dc4j.index.CosineNeighbours;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;

/**
 * Recall at K of metric learning (CUB-200, Cars196, SOP): every row is a query against all others;
 * R@K is the share of queries with at least one row of their class among the K nearest by cosine. A
 * query is left out of its own list by its number, so duplicates at distance 0 stay in. A class of
 * one row is a miss. Stateless.
 */
public final class RecallAtK {
  private RecallAtK() {}

  /**
   * R@K for each K.
   *
   * @param embeddings [n x d], n >= 2, any length (normalised in a copy)
   * @param labels [n] classes >= 0
   * @param ks one or more list lengths >= 1, in any order; beyond n - 1 a list is all other rows
   * @return [ks.length] in the order of ks
   * @throws IllegalArgumentException for fewer than two rows or wrong labels or ks
   */
  public static double[] of(Kernels kernels, FloatMatrix embeddings, int[] labels, int... ks) {
    KnnClassifier.requireLabels("query", embeddings, labels);
    if (labels.length < 2) {
      throw new IllegalArgumentException("1 row; recall needs at least 2");
    }
    if (ks.length == 0) {
      throw new IllegalArgumentException("no K given; for example 1, 2, 4, 8");
    }
    int longest = 0;
    for (int k : ks) {
      if (k < 1) {
        throw new IllegalArgumentException("K is " + k + "; accepted: >= 1");
      }
      longest = Math.max(longest, k);
    }
    long[] hits = new long[ks.length];
    try (CosineNeighbours search = CosineNeighbours.of(kernels, embeddings)) {
      search.nearestOthers(
          longest,
          (query, rows, distances) -> {
            int rank = firstOfClass(labels, (int) query, rows);
            for (int i = 0; i < ks.length; i++) {
              hits[i] += rank < ks[i] ? 1 : 0;
            }
          });
    }
    double[] recall = new double[ks.length];
    for (int i = 0; i < ks.length; i++) {
      recall[i] = hits[i] / (double) labels.length;
    }
    return recall;
  }

  private static int firstOfClass(int[] labels, int query, long[] rows) {
    for (int rank = 0; rank < rows.length; rank++) {
      if (labels[(int) rows[rank]] == labels[query]) {
        return rank;
      }
    }
    return Integer.MAX_VALUE;
  }
}
