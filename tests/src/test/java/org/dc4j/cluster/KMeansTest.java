package org.dc4j.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.kernels.SeedMethod;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KMeansTest {
  /** Rows around `centres` points of the unit cube, in a fixed order of centres. */
  static FloatMatrix blobs(int n, int d, int centres, double spread, long seed) {
    RandomStream random = new RandomStream(seed);
    float[][] centre = new float[centres][d];
    for (float[] row : centre) {
      for (int t = 0; t < d; t++) {
        row[t] = (float) random.nextDouble(-1, 1);
      }
    }
    float[][] rows = new float[n][d];
    for (int i = 0; i < n; i++) {
      for (int t = 0; t < d; t++) {
        rows[i][t] = centre[i % centres][t] + (float) random.nextDouble(-spread, spread);
      }
    }
    return FloatMatrix.of(rows);
  }

  private static KMeans.Options options(int k, int iterations, SeedMethod init) {
    return new KMeans.Options(k, iterations, init, EmptyClusterPolicy.FAISS, false, 7);
  }

  @Test
  void findsSeparatedBlobs() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(300, 17, 5, 0.01, 1);
        KMeans.Result result =
            KMeans.fit(context.kernels(), x, options(5, 20, SeedMethod.KMEANS_PLUS_PLUS))) {
      int[] labels = result.labels().toArray();
      for (int i = 0; i < labels.length; i++) {
        assertThat(labels[i]).isEqualTo(labels[i % 5]);
      }
      assertThat(labels[0]).isNotIn(labels[1], labels[2], labels[3], labels[4]);
      assertThat(result.empty()).isZero();
    }
  }

  @Test
  void objectiveNeverRises() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(500, 9, 40, 0.5, 2)) {
      List<Double> objectives = new ArrayList<>();
      for (int iterations = 0; iterations <= 12; iterations++) {
        try (KMeans.Result result =
            KMeans.fit(
                context.kernels(),
                x,
                new KMeans.Options(
                    20, iterations, SeedMethod.RANDOM, EmptyClusterPolicy.KEEP, false, 3))) {
          objectives.add(result.objective());
        }
      }
      for (int i = 1; i < objectives.size(); i++) {
        assertThat(objectives.get(i)).isLessThanOrEqualTo(objectives.get(i - 1) * (1 + 1e-12));
      }
    }
  }

  @Test
  void sameBitsOnEveryBackendAndThreadCount() {
    try (FloatMatrix x = blobs(700, 33, 30, 0.6, 3)) {
      int[] labels = null;
      float[] centroids = null;
      for (String setting : new String[] {"reference 1", "cpu 1", "cpu 2", "cpu 3"}) {
        String[] words = setting.split(" ");
        try (DeviceContext context = DeviceContext.open(words[0], Integer.parseInt(words[1]));
            KMeans.Result result =
                KMeans.fit(context.kernels(), x, options(25, 15, SeedMethod.KMEANS_PLUS_PLUS))) {
          if (labels == null) {
            labels = result.labels().toArray();
            centroids = result.centroids().toArray();
          }
          assertThat(result.labels().toArray()).isEqualTo(labels);
          assertThat(result.centroids().toArray()).isEqualTo(centroids);
        }
      }
    }
  }

  @Test
  void labelsAreTheExactAssignmentToTheCentroids() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix x = blobs(400, 20, 10, 0.8, 4);
        KMeans.Result result = KMeans.fit(context.kernels(), x, options(16, 3, SeedMethod.RANDOM));
        IntVector judged = IntVector.allocate(400)) {
      reference.kernels().kmeansAssign(x, result.centroids(), judged, null);
      assertThat(result.labels().toArray()).isEqualTo(judged.toArray());
    }
  }

  @Test
  void asManyClustersAsRowsGiveZero() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix x = blobs(12, 4, 12, 0.1, 5);
        KMeans.Result result =
            KMeans.fit(context.kernels(), x, options(12, 5, SeedMethod.RANDOM))) {
      assertThat(result.objective()).isZero();
      assertThat(result.empty()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(EmptyClusterPolicy.class)
  void duplicatesLeaveEmptyClustersButNoHarm(EmptyClusterPolicy policy) {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(60, 3, 2, 0, 6); // only two distinct rows
        KMeans.Result result =
            KMeans.fit(
                context.kernels(),
                x,
                new KMeans.Options(10, 8, SeedMethod.KMEANS_PLUS_PLUS, policy, false, 1))) {
      assertThat(result.labels().toArray()).doesNotContain(-1);
      assertThat(result.objective()).isFinite().isGreaterThanOrEqualTo(0);
      assertThat(result.empty()).isLessThanOrEqualTo(8);
    }
  }

  @Test
  void sphericalKeepsCentroidsOnTheSphere() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(200, 8, 6, 0.3, 8)) {
      context.kernels().normalizeRows(x, x);
      try (KMeans.Result result =
          KMeans.fit(
              context.kernels(),
              x,
              new KMeans.Options(6, 10, SeedMethod.RANDOM, EmptyClusterPolicy.KEEP, true, 1))) {
        for (int j = 0; j < 6; j++) {
          double norm = 0;
          for (float value : result.centroids().row(j)) {
            norm += (double) value * value;
          }
          assertThat(norm).isBetween(1 - 1e-6, 1 + 1e-6);
        }
      }
    }
  }

  @Test
  void everyIterationIsThePlainOne() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(700, 24, 30, 0.8, 11)) {
      Kernels kernels = context.kernels();
      try (KMeans.Result result = KMeans.fit(kernels, x, options(30, 6, SeedMethod.RANDOM));
          FloatMatrix centroids = FloatMatrix.allocate(30, 24);
          IntVector labels = IntVector.allocate(700);
          LongVector counts = LongVector.allocate(30)) {
        kernels.kmeansSeed(x, SeedMethod.RANDOM, 7, centroids, null);
        for (int i = 1; i <= 6; i++) {
          kernels.kmeansAssign(x, centroids, labels, null);
          kernels.kmeansUpdate(x, labels, centroids, counts);
          kernels.kmeansFillEmpty(
              x, labels, null, EmptyClusterPolicy.FAISS, 7 + i, centroids, counts);
        }
        assertThat(result.iterations()).isBetween(2, 6); // at a fixed point the rest change nothing
        assertThat(result.centroids().toArray()).isEqualTo(centroids.toArray());
      }
    }
  }

  @Test
  void restartsKeepTheBest() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(400, 6, 12, 0.2, 12)) {
      KMeans.Options one = options(12, 20, SeedMethod.RANDOM);
      double best = Double.POSITIVE_INFINITY;
      List<Double> alone = new ArrayList<>();
      for (int r = 0; r < 4; r++) {
        KMeans.Options seeded =
            new KMeans.Options(
                12, 20, SeedMethod.RANDOM, EmptyClusterPolicy.FAISS, false, 7 + 15_486_557L * r);
        try (KMeans.Result result = KMeans.fit(context.kernels(), x, seeded)) {
          alone.add(result.objective());
          best = Math.min(best, result.objective());
        }
      }
      try (KMeans.Result result = KMeans.fit(context.kernels(), x, one.withRestarts(4))) {
        assertThat(result.objective()).isEqualTo(best).isLessThan(alone.get(0));
      }
    }
  }

  @Test
  void toleranceEndsEarlyAndAWarmStartSooner() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = blobs(900, 8, 40, 1.0, 13);
        KMeans.Result full = KMeans.fit(context.kernels(), x, options(20, 100, SeedMethod.RANDOM));
        KMeans.Result early =
            KMeans.fit(
                context.kernels(), x, options(20, 100, SeedMethod.RANDOM).withTolerance(0.01));
        KMeans.Result again =
            KMeans.fitFrom(
                context.kernels(),
                x,
                full.centroids(),
                options(20, 100, SeedMethod.RANDOM),
                () -> false)) {
      assertThat(early.iterations()).isLessThan(full.iterations());
      assertThat(early.objective()).isBetween(full.objective(), full.objective() * 1.1);
      assertThat(again.iterations()).isEqualTo(2); // one to label, one to see that none moves
      assertThat(again.centroids().toArray()).isEqualTo(full.centroids().toArray());
      assertThatThrownBy(
              () ->
                  KMeans.fitFrom(
                      context.kernels(),
                      x,
                      full.centroids(),
                      options(21, 5, SeedMethod.RANDOM),
                      () -> false))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessage("start is [20 x 8]; accepted: [21 x 8]");
    }
  }

  @Test
  void saysWhatItAccepts() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix x = blobs(10, 3, 2, 0.1, 9)) {
      assertThatThrownBy(() -> KMeans.fit(context.kernels(), x, options(11, 5, SeedMethod.RANDOM)))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("k is 11; accepted: 1..10");
      assertThatThrownBy(
              () ->
                  KMeans.fit(
                      context.kernels(), x, options(2, 5, SeedMethod.RANDOM).withRestarts(0)))
          .hasMessage("restarts is 0; accepted: >= 1");
      assertThatThrownBy(
              () ->
                  KMeans.fit(
                      context.kernels(), x, options(2, 5, SeedMethod.RANDOM).withTolerance(1)))
          .hasMessage("tolerance is 1.0; accepted: 0 <= tolerance < 1");
      x.set(4, 1, Float.NaN);
      assertThatThrownBy(() -> KMeans.fit(context.kernels(), x, options(2, 5, SeedMethod.RANDOM)))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("row 4");
    }
  }
}
