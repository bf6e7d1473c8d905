package org.dc4j.eval;

import java.util.Arrays;
import org.dc4j.index.CosineNeighbours;
import org.dc4j.kernels.Kernels;

/**
 * Where the matches of each query stand in its ranking of the gallery, by the rule of Market-1501:
 * squared Euclidean distance of unit rows, lowest row first on ties; gallery images of the query's
 * identity and camera are junk and taken out of the ranking; queries without a match are passed
 * over. Queries are walked in blocks of exact neighbours, so there is no matrix of all distances.
 */
final class MatchRanks {
  /** Takes the ranks of one query after the other. */
  @FunctionalInterface
  interface Visitor {
    /**
     * The matches of a query.
     *
     * @param ranks ranks from 0, ascending, in its first {@code count} entries; used again
     * @param count >= 1
     */
    void visit(int[] ranks, int count);
  }

  private MatchRanks() {}

  /**
   * Walks the queries.
   *
   * @param gallery searched; null: the queries themselves, each but the query's own row
   * @return number of queries with a match, >= 1
   * @throws IllegalArgumentException if widths differ, one side alone has cameras, or no query has
   *     a match
   */
  static long walk(
      Kernels kernels, RetrievalItems queries, RetrievalItems gallery, Visitor visitor) {
    RetrievalItems searched = gallery == null ? queries : gallery;
    if ((queries.cameras() == null) != (searched.cameras() == null)) {
      throw new IllegalArgumentException(
          "cameras of queries or gallery alone; give both or neither");
    }
    int n = searched.identities().length;
    int[] ranks = new int[n];
    long[] valid = new long[1];
    try (CosineNeighbours search = CosineNeighbours.of(kernels, searched.rows())) {
      CosineNeighbours.Visitor each =
          (query, rows, distances) -> {
            int count = matches(queries, (int) query, searched, rows, ranks);
            if (count > 0) {
              valid[0]++;
              visitor.visit(ranks, count);
            }
          };
      if (gallery == null) {
        search.nearestOthers(n, each);
      } else {
        search.nearest(queries.rows(), n, each);
      }
    }
    if (valid[0] == 0) {
      throw new IllegalArgumentException(
          "none of %d queries has a match of its identity%s in the gallery"
              .formatted(
                  queries.identities().length,
                  queries.cameras() == null ? "" : " by another camera"));
    }
    return valid[0];
  }

  private static int matches(
      RetrievalItems queries, int query, RetrievalItems searched, long[] rows, int[] ranks) {
    int identity = queries.identities()[query];
    int count = 0;
    int rank = 0;
    for (long row : rows) {
      boolean same = searched.identities()[(int) row] == identity;
      boolean junk =
          same
              && queries.cameras() != null
              && searched.cameras()[(int) row] == queries.cameras()[query];
      if (same && !junk) {
        ranks[count++] = rank;
      }
      rank += junk ? 0 : 1;
    }
    return count;
  }

  static int[] requireKs(int[] ks) {
    if (ks.length == 0 || Arrays.stream(ks).anyMatch(k -> k < 1)) {
      throw new IllegalArgumentException(
          "K " + Arrays.toString(ks) + "; accepted: one or more, each >= 1");
    }
    return ks;
  }
}
