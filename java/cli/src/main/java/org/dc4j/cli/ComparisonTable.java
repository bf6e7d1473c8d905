package org.dc4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dc4j.Comparison;
import org.dc4j.eval.MeanAndDeviation;

/** A comparison for people: a row for each metric, the best value of a row starred. */
final class ComparisonTable {
  private static final Map<String, String> NAMES =
      Map.of(
          "knn",
          "k-NN accuracy",
          "recall@1",
          "recall at 1",
          "nmi",
          "NMI",
          "ari",
          "ARI",
          "accuracy",
          "cluster accuracy");
  private static final int GAP = 3;

  private ComparisonTable() {}

  static String of(Comparison comparison) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(""));
    head.addAll(Comparison.columns());
    lines.add(head);
    comparison
        .rows()
        .forEach(
            (metric, scores) -> {
              double best = scores.stream().mapToDouble(MeanAndDeviation::mean).max().orElseThrow();
              List<String> line = new ArrayList<>(List.of(NAMES.getOrDefault(metric, metric)));
              for (MeanAndDeviation score : scores) {
                line.add(cell(score, score.mean() == best, isSingle(metric)));
              }
              lines.add(line);
            });
    return aligned(lines) + "* best of the row; ± standard deviation over the seeds of k-means\n";
  }

  private static String cell(MeanAndDeviation score, boolean best, boolean single) {
    String mean = String.format(Locale.ROOT, "%.4f", score.mean()) + (best ? "*" : " ");
    return single ? mean : mean + String.format(Locale.ROOT, " ± %.4f", score.deviation());
  }

  /** Whether a metric has no seed: nearest neighbours are what they are. */
  private static boolean isSingle(String metric) {
    return metric.equals("knn") || metric.startsWith("recall@");
  }

  private static String aligned(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        row.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + GAP));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** One column for machines: metric to value, and its deviation where there is one. */
  static Map<String, Object> values(Comparison comparison, int index) {
    Map<String, Object> column = new LinkedHashMap<>();
    comparison
        .rows()
        .forEach(
            (metric, scores) -> {
              MeanAndDeviation score = scores.get(index);
              column.put(metric, score.mean());
              if (!isSingle(metric)) {
                column.put(metric + "_deviation", score.deviation());
              }
            });
    return column;
  }
}
