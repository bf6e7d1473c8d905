package org.dc4j.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A cluster and the images that stand for it.
 *
 * @param size images
 * @param meanDistance of its images to its centre, NaN if unknown
 * @param typical rows of the table, nearest to the centre first; without distances the first rows
 * @param doubtful rows of the table, farthest first, none of them typical
 */
record ClusterSample(
    int cluster, int size, double meanDistance, List<Integer> typical, List<Integer> doubtful) {

  /** All clusters, largest first, ties by number. */
  static List<ClusterSample> of(AssignmentTable table, int imagesPerSide) {
    Map<Integer, List<Integer>> members = new TreeMap<>();
    for (int row = 0; row < table.rows(); row++) {
      if (table.cluster(row) >= 0) {
        members.computeIfAbsent(table.cluster(row), c -> new ArrayList<>()).add(row);
      }
    }
    return members.entrySet().stream()
        .map(e -> sample(table, e.getKey(), e.getValue(), imagesPerSide))
        .sorted(
            Comparator.comparingInt((ClusterSample s) -> -s.size())
                .thenComparingInt(ClusterSample::cluster))
        .toList();
  }

  private static ClusterSample sample(
      AssignmentTable table, int cluster, List<Integer> rows, int imagesPerSide) {
    int size = rows.size();
    if (!table.withDistances()) {
      return new ClusterSample(
          cluster,
          size,
          Double.NaN,
          rows.subList(0, (int) Math.min(size, 2L * imagesPerSide)),
          List.of());
    }
    // The sort is stable, so that equal distances keep the order of the file.
    rows.sort(Comparator.comparingDouble(row -> table.distance(row)));
    int near = Math.min(size, imagesPerSide);
    int far = Math.min(size - near, imagesPerSide);
    List<Integer> doubtful = new ArrayList<>();
    for (int i = 0; i < far; i++) {
      doubtful.add(rows.get(size - 1 - i));
    }
    double mean = rows.stream().mapToDouble(table::distance).average().orElse(Double.NaN);
    return new ClusterSample(cluster, size, mean, List.copyOf(rows.subList(0, near)), doubtful);
  }
}
