package org.dc4j.eval;

import org.dc4j.kernels.Kernels;

/**
 * Cumulative matching characteristic of a re-identification: the share of queries whose first match
 * is among the first K of their ranking, over the queries that have a match. Ranking, junk and ties
 * as for {@link MeanAveragePrecision}. Stateless.
 */
public final class Cmc {
  private Cmc() {}

  /**
   * Queries against a gallery.
   *
   * @param ks one or more K >= 1, in any order
   * @return [ks.length] in the order of ks
   * @throws IllegalArgumentException if the two do not fit or no query has a match
   */
  public static double[] of(
      Kernels kernels, RetrievalItems queries, RetrievalItems gallery, int... ks) {
    return shares(kernels, queries, gallery, MatchRanks.requireKs(ks));
  }

  /** Each image of one set against all others. */
  public static double[] of(Kernels kernels, RetrievalItems items, int... ks) {
    return shares(kernels, items, null, MatchRanks.requireKs(ks));
  }

  private static double[] shares(
      Kernels kernels, RetrievalItems queries, RetrievalItems gallery, int[] ks) {
    long[] hits = new long[ks.length];
    long valid =
        MatchRanks.walk(kernels, queries, gallery, (ranks, count) -> count(ranks[0], ks, hits));
    return shares(hits, valid);
  }

  static void count(int firstRank, int[] ks, long[] hits) {
    for (int i = 0; i < ks.length; i++) {
      hits[i] += firstRank < ks[i] ? 1 : 0;
    }
  }

  static double[] shares(long[] hits, long queries) {
    double[] shares = new double[hits.length];
    for (int i = 0; i < hits.length; i++) {
      shares[i] = hits[i] / (double) queries;
    }
    return shares;
  }
}
