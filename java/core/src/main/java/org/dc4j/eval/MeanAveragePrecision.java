package org.dc4j.eval;

import org.dc4j.kernels.Kernels;

/**
 * Mean average precision of a retrieval (re-identification, Zheng et al. 2015): the precision at
 * each match of a query's ranking, averaged over its matches, then over the queries that have any.
 * Ranking, junk and ties as {@link RetrievalItems} and methods.md 5.6 have them: gallery images of
 * the query's identity and camera do not count. Stateless.
 */
public final class MeanAveragePrecision {
  private MeanAveragePrecision() {}

  /**
   * Queries against a gallery.
   *
   * @throws IllegalArgumentException if the two do not fit or no query has a match
   */
  public static double of(Kernels kernels, RetrievalItems queries, RetrievalItems gallery) {
    return mean(kernels, queries, gallery);
  }

  /** Each image of one set against all others. */
  public static double of(Kernels kernels, RetrievalItems items) {
    return mean(kernels, items, null);
  }

  private static double mean(Kernels kernels, RetrievalItems queries, RetrievalItems gallery) {
    double[] sum = new double[1];
    long valid =
        MatchRanks.walk(
            kernels, queries, gallery, (ranks, count) -> sum[0] += averagePrecision(ranks, count));
    return sum[0] / valid;
  }

  /** Mean of (i + 1) / (rank of match i + 1) over the first {@code count} matches. */
  static double averagePrecision(int[] ranks, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (i + 1.0) / (ranks[i] + 1.0);
    }
    return sum / count;
  }
}
