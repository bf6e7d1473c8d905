package org.dc4j.cli;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.eval.Ami;
import org.dc4j.eval.Ari;
import org.dc4j.eval.ClusterAccuracy;
import org.dc4j.eval.Contingency;
import org.dc4j.eval.Nmi;
import org.dc4j.eval.RecallAtK;
import org.dc4j.eval.RetrievalItems;
import org.dc4j.eval.RetrievalScore;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;

/**
 * The metrics a user asked for, by name.
 *
 * @param names checked
 */
record LabelMetrics(List<String> names) {
  private static final Map<String, ToDoubleFunction<Contingency>> PARTITION = new LinkedHashMap<>();
  private static final Pattern AT_K = Pattern.compile("(recall|cmc)@([1-9][0-9]{0,8})");
  private static final Set<String> ACCEPTED;

  static {
    PARTITION.put("nmi", Nmi::arithmetic);
    PARTITION.put("nmi-geometric", Nmi::geometric);
    PARTITION.put("ami", Ami::of);
    PARTITION.put("ari", Ari::of);
    PARTITION.put("accuracy", ClusterAccuracy::of);
    ACCEPTED = new LinkedHashSet<>(PARTITION.keySet());
    ACCEPTED.addAll(List.of("recall@K", "knn", "map", "cmc@K"));
  }

  /**
   * Rows and what is known about them.
   *
   * @param rows null where partition metrics alone are measured
   * @param cameras null: unknown
   * @param clusters null where no partition metric is measured
   */
  record Subject(Kernels kernels, FloatMatrix rows, int[] labels, int[] cameras, int[] clusters) {}

  LabelMetrics {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "--metrics names none; accepted: " + String.join(", ", ACCEPTED));
    }
    for (String name : names) {
      boolean known =
          PARTITION.containsKey(name)
              || name.equals("knn")
              || name.equals("map")
              || AT_K.matcher(name).matches();
      if (!known) {
        throw Choices.unknown("--metrics", name, ACCEPTED);
      }
    }
  }

  /** Whether a metric compares clusters with the labels. */
  boolean needClusters() {
    return names.stream().anyMatch(PARTITION::containsKey);
  }

  /** Whether a metric looks at the rows. */
  boolean needRows() {
    return !PARTITION.keySet().containsAll(names);
  }

  /** Whether all rank a gallery by the rule of re-identification. */
  boolean areOfRanking() {
    return names.stream().allMatch(LabelMetrics::isOfRanking);
  }

  private static boolean isOfRanking(String name) {
    return name.equals("map") || name.startsWith("cmc@");
  }

  /**
   * Measures, in the order of the names.
   *
   * @param gallery for map and cmc@K; null: each row against all others
   * @param knn measures k-NN accuracy
   */
  Map<String, Object> measure(Subject subject, RetrievalItems gallery, DoubleSupplier knn) {
    Map<String, Object> found = new LinkedHashMap<>();
    Contingency counts =
        subject.clusters() == null ? null : Contingency.of(subject.labels(), subject.clusters());
    RetrievalScore ranking = ranking(subject, gallery);
    int next = 0;
    for (String name : names) {
      if (PARTITION.containsKey(name)) {
        found.put(name, PARTITION.get(name).applyAsDouble(counts));
      } else if (name.equals("knn")) {
        found.put(name, knn.getAsDouble());
      } else if (name.equals("map")) {
        found.put(name, ranking.meanAveragePrecision());
      } else if (isOfRanking(name)) {
        found.put(name, ranking.cmc()[next++]);
      } else {
        found.put(
            name, RecallAtK.of(subject.kernels(), subject.rows(), subject.labels(), k(name))[0]);
      }
    }
    return found;
  }

  /** One walk over the queries for all of map and cmc@K; null if none is asked for. */
  private RetrievalScore ranking(Subject subject, RetrievalItems gallery) {
    if (names.stream().noneMatch(LabelMetrics::isOfRanking)) {
      return null;
    }
    int[] ks =
        names.stream().filter(name -> name.startsWith("cmc@")).mapToInt(LabelMetrics::k).toArray();
    RetrievalItems items = new RetrievalItems(subject.rows(), subject.labels(), subject.cameras());
    return RetrievalScore.of(
        subject.kernels(), items, gallery, ks.length == 0 ? new int[] {1} : ks);
  }

  private static int k(String name) {
    Matcher parts = AT_K.matcher(name);
    if (!parts.matches()) {
      throw new IllegalStateException(name);
    }
    return Integer.parseInt(parts.group(2));
  }
}
