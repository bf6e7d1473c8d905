package org.dc4j.eval;

import org.dc4j.kernels.Kernels;

/**
 * Mean average precision and CMC of one walk over the queries, by the definitions of {@link
 * MeanAveragePrecision} and {@link Cmc}.
 *
 * @param cmc one share for each K asked for
 * @param queries that have a match; the others count nowhere
 */
public record RetrievalScore(double meanAveragePrecision, double[] cmc, long queries) {
  /**
   * Scores queries against a gallery.
   *
   * @param gallery null: each query against all other queries
   * @param ks one or more K >= 1
   */
  public static RetrievalScore of(
      Kernels kernels, RetrievalItems queries, RetrievalItems gallery, int... ks) {
    long[] hits = new long[MatchRanks.requireKs(ks).length];
    double[] sum = new double[1];
    long valid =
        MatchRanks.walk(
            kernels,
            queries,
            gallery,
            (ranks, count) -> {
              sum[0] += MeanAveragePrecision.averagePrecision(ranks, count);
              Cmc.count(ranks[0], ks, hits);
            });
    return new RetrievalScore(sum[0] / valid, Cmc.shares(hits, valid), valid);
  }
}
