package org.dc4j.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class JaccardDbscanTest {
  private static final DeviceContext DEVICE = DeviceContext.open("cpu", 2);
  private static final JaccardDbscan.Options OPTIONS = new JaccardDbscan.Options(10, 3, 4);
  private static final int N = 90;

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  /** Nine groups of unit rows in turn, each around an axis of its own. */
  private static FloatMatrix groups(double spread) {
    RandomStream random = new RandomStream(3);
    float[][] rows = new float[N][9];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < 9; j++) {
        rows[i][j] = (float) ((j == i % 9 ? 1 : 0) + spread * (random.nextDouble() - 0.5));
      }
    }
    FloatMatrix matrix = FloatMatrix.of(rows);
    DEVICE.kernels().normalizeRows(matrix, matrix);
    return matrix;
  }

  @Test
  void proposesAnEpsThatFindsTheGroups() {
    try (FloatMatrix rows = groups(0.2);
        JaccardDbscan clustering = new JaccardDbscan(DEVICE, rows, OPTIONS, JaccardDbscan.FAR)) {
      JaccardDbscan.Proposal proposal = clustering.propose(0);
      JaccardDbscan.Found found = proposal.found();
      // Most clusters, so a group may fall into two; none has images of two groups.
      assertThat(
              IntStream.range(0, N).filter(i -> found.labels()[i] >= 0).map(i -> i % 9).distinct())
          .hasSize(9);
      for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
          if (found.labels()[i] >= 0 && found.labels()[i] == found.labels()[j]) {
            assertThat(i % 9).isEqualTo(j % 9);
          }
        }
      }
      JaccardDbscan.Found again = clustering.cluster(proposal.eps());
      assertThat(again.labels()).isEqualTo(found.labels());
      assertThat(proposal.eps() * 100).isEqualTo(Math.rint(proposal.eps() * 100));
    }
  }

  /** The largest of the quantiles, cut as proposals are, with nearly as many clusters as any. */
  @Test
  void noLargerQuantileGivesNearlyAsManyClusters() {
    try (FloatMatrix rows = groups(2.5);
        JaccardDbscan clustering = new JaccardDbscan(DEVICE, rows, OPTIONS, JaccardDbscan.FAR)) {
      float[] distances = clustering.kDistances();
      TreeMap<Double, Integer> clusters = new TreeMap<>();
      for (int q = 1; q < 20; q++) {
        double eps = Math.ceil(distances[N * q / 20] * 100) / 100;
        if (eps <= JaccardDbscan.FAR) {
          clusters.put(eps, clustering.cluster(eps).clusters());
        }
      }
      int most = Collections.max(clusters.values());
      assertThat(most).isGreaterThan(1);
      assertThat(clusters.lastEntry().getValue()).isLessThan(most);
      double expected =
          clusters.descendingMap().entrySet().stream()
              .filter(entry -> entry.getValue() >= 0.98 * most)
              .findFirst()
              .orElseThrow()
              .getKey();
      assertThat(clustering.propose(0).eps()).isEqualTo(expected);
      assertThat(clustering.propose(most).found().clusters()).isEqualTo(most);
      assertThat(clustering.propose(most + 1).eps()).isEqualTo(clustering.propose(most).eps());
    }
  }

  /** A row is core from its k-distance on, and the first core row makes the first cluster. */
  @Test
  void kDistancesSayWhereClustersBegin() {
    try (FloatMatrix rows = groups(1.0);
        JaccardDbscan clustering = new JaccardDbscan(DEVICE, rows, OPTIONS, JaccardDbscan.FAR)) {
      float[] distances = clustering.kDistances();
      assertThat(distances).hasSize(N).isSorted();
      assertThat(distances[0]).isPositive();
      assertThat(clustering.cluster(Math.nextDown(distances[0])).clusters()).isZero();
      assertThat(clustering.cluster(distances[0]).clusters()).isPositive();
      JaccardDbscan.Found half = clustering.cluster(distances[N / 2]);
      assertThat(half.coverage()).isGreaterThan(0.5);
      long members = Arrays.stream(half.labels()).filter(label -> label >= 0).count();
      assertThat(half.coverage()).isEqualTo(members / (double) N);
    }
  }

  @Test
  void rowsThatAreAlikeAreAtNoDistance() {
    float[][] rows = new float[20][4];
    IntStream.range(0, 20).forEach(i -> rows[i][i / 5] = 1);
    try (FloatMatrix matrix = FloatMatrix.of(rows);
        JaccardDbscan clustering =
            new JaccardDbscan(DEVICE, matrix, new JaccardDbscan.Options(5, 1, 4), 0.5)) {
      assertThat(clustering.kDistances()).containsOnly(0f);
      assertThat(clustering.cluster(0).labels())
          .isEqualTo(IntStream.range(0, 20).map(i -> i / 5).toArray());
      assertThat(clustering.propose(0).eps()).isZero();
    }
  }
}
