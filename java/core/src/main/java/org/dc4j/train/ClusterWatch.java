package org.dc4j.train;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.eval.ClusterHealth;
import org.dc4j.eval.Nmi;

/**
 * Looks at every new clustering of a run: figures for the epoch's row, and whether it has collapsed
 * (methods.md 7), so that a run that learns nothing says so in the epoch where it happens.
 */
final class ClusterWatch {
  private static final double COLLAPSED_SHARE = 0.5;
  private static final double COLLAPSED_RANK = 2;
  private static final int FULL_SPECTRUM = 5; // eigenvalues from which on that limit is fair

  private ClusterWatch() {}

  /** Adds the figures of {@code now}, and its agreement with the labels before if there were. */
  static void measure(Assignments before, Assignments now, Map<String, Object> row) {
    row.put("clusters", now.k());
    double coverage = 0;
    if (now.k() > 0) {
      ClusterHealth health = ClusterHealth.of(now.labels(), now.k());
      coverage = 1 - (double) health.unassigned() / health.items();
      row.put("empty", health.empty());
      row.put("smallest", health.smallest());
      row.put("largest", health.largest());
      row.put("gini", health.gini());
      row.put("loss_uniform", Math.log(now.k()));
    }
    row.put("coverage", coverage);
    if (before != null && before.labels().length == now.labels().length) {
      row.put("nmi_previous", Nmi.of(before.noiseAsCluster(), now.noiseAsCluster()));
      row.put("moved", ClusterHealth.moved(before.labels(), now.labels()));
    }
  }

  /**
   * What is wrong with the clustering, in one sentence, or null if nothing is.
   *
   * @param row has the figures of {@link #measure}, and the effective rank if it was measured
   * @param eigenvalues how many that rank was measured on
   */
  static String collapse(Assignments now, Map<String, Object> row, int eigenvalues) {
    int n = now.labels().length;
    double coverage = ((Number) row.getOrDefault("coverage", 1)).doubleValue();
    if (coverage == 0) {
      return "collapse: all %d images are noise, no cluster is left".formatted(n);
    }
    String equal = equalEmbeddings(n, row);
    if (equal != null) {
      return equal;
    }
    int largest = ((Number) row.getOrDefault("largest", 0)).intValue();
    int occupied = now.k() - ((Number) row.getOrDefault("empty", 0)).intValue();
    if (occupied == 1) {
      return "collapse: there is only one cluster, it holds %d of %d images".formatted(largest, n);
    }
    // Of two clusters one always holds about half.
    if (now.k() > 2 && largest > COLLAPSED_SHARE * n) {
      return "collapse: one cluster holds %d of %d images".formatted(largest, n);
    }
    double rank = rank(row);
    return rank < leastRank(eigenvalues)
        ? "collapse: the embeddings have an effective rank of %.2f".formatted(rank)
        : null;
  }

  /** The same where the embeddings span nothing at all, whatever was made of them. */
  static String equalEmbeddings(int n, Map<String, Object> row) {
    return rank(row) == 0
        ? "collapse: the embeddings of all %d images are equal".formatted(n)
        : null;
  }

  private static double rank(Map<String, Object> row) {
    return ((Number) row.getOrDefault("effective_rank", COLLAPSED_RANK)).doubleValue();
  }

  /** Few eigenvalues cannot have a large rank, however well the embeddings spread: d have d. */
  private static double leastRank(int eigenvalues) {
    return eigenvalues == 0 || eigenvalues >= FULL_SPECTRUM
        ? COLLAPSED_RANK
        : 1 + (COLLAPSED_RANK - 1) * (eigenvalues - 1) / (FULL_SPECTRUM - 1);
  }
}
