package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.dc4j.cluster.KMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.NotFiniteException;
import org.junit.jupiter.api.Test;

@NeedsFaiss
class FaissKMeansTest {
  private static FaissKMeans.Options options(int k, int iterations, int redo) {
    return new FaissKMeans.Options(k, iterations, redo, 7, false, Integer.MAX_VALUE);
  }

  @Test
  void objectiveFallsAndLabelsAreTheNearestCentroids() {
    try (FloatMatrix x = FaissFixture.blobs(3000, 24, 50, 0.6, 1);
        DeviceContext context = DeviceContext.open("cpu", 2);
        FaissKMeans.Result result = FaissKMeans.fit(x, options(40, 15, 1), 2);
        IntVector labels = IntVector.allocate(3000)) {
      double[] falling = result.objectives();
      assertThat(falling).hasSize(15);
      for (int i = 1; i < falling.length; i++) {
        // FAISS adds the distances up in fp32.
        assertThat(falling[i]).isLessThanOrEqualTo(falling[i - 1] * (1 + 1e-4));
      }
      assertThat(falling[14]).isLessThan(0.95 * falling[0]);
      double exact = context.kernels().kmeansAssign(x, result.centroids(), labels, null);
      assertThat(result.objective()).isCloseTo(exact, within(1e-4 * exact));
      int different = 0;
      for (int i = 0; i < 3000; i++) {
        different += result.labels().get(i) == labels.get(i) ? 0 : 1;
      }
      assertThat(different).as("labels on the other side of a tie").isLessThanOrEqualTo(3);
    }
  }

  @Test
  void asGoodAsOurOwn() {
    try (FloatMatrix x = FaissFixture.blobs(3000, 24, 50, 0.6, 2);
        DeviceContext context = DeviceContext.open("cpu", 2);
        KMeans.Result ours = KMeans.fit(context.kernels(), x, KMeans.Options.of(40, 3));
        FaissKMeans.Result theirs = FaissKMeans.fit(x, FaissKMeans.Options.of(40, 3), 2)) {
      // Other random first rows, so another local minimum.
      assertThat(theirs.objective()).isCloseTo(ours.objective(), within(0.1 * ours.objective()));
    }
  }

  @Test
  void theBestOfSeveralRunsIsKept() {
    try (FloatMatrix x = FaissFixture.blobs(1200, 8, 30, 0.1, 3);
        FaissKMeans.Result one = FaissKMeans.fit(x, options(30, 20, 1), 1);
        FaissKMeans.Result many = FaissKMeans.fit(x, options(30, 20, 10), 1)) {
      assertThat(many.objectives()).hasSize(20);
      assertThat(many.objective()).isLessThan(0.999 * one.objective());
    }
  }

  @Test
  void sphericalCentroidsAreUnitVectors() {
    try (FloatMatrix x = FaissFixture.blobs(500, 12, 10, 0.3, 4);
        DeviceContext context = DeviceContext.open("cpu", 1)) {
      context.kernels().normalizeRows(x, x);
      FaissKMeans.Options spherical = new FaissKMeans.Options(10, 12, 1, 1, true, 256);
      try (FaissKMeans.Result result = FaissKMeans.fit(x, spherical, 2)) {
        for (int j = 0; j < 10; j++) {
          double norm = 0;
          for (float value : result.centroids().row(j)) {
            norm += (double) value * value;
          }
          assertThat(norm).isCloseTo(1, within(1e-5));
        }
        // Cosines, which grow.
        assertThat(result.objectives()[11]).isGreaterThan(result.objectives()[0]);
        assertThat(result.objective()).isBetween(result.objectives()[0], 500.0);
      }
    }
  }

  @Test
  void drawsNoMoreRowsThanAsked() {
    try (FloatMatrix x = FaissFixture.blobs(2000, 6, 1, 1, 5);
        FaissKMeans.Result all = FaissKMeans.fit(x, options(4, 8, 1), 1);
        FaissKMeans.Result some =
            FaissKMeans.fit(x, new FaissKMeans.Options(4, 8, 1, 7, false, 50), 1)) {
      // FAISS sums over the 200 rows it drew; the labels are of all rows.
      assertThat(some.objectives()[7]).isLessThan(0.2 * all.objectives()[7]);
      assertThat(some.labels().size()).isEqualTo(2000);
      assertThat(some.objective()).isGreaterThan(5 * some.objectives()[7]);
    }
  }

  @Test
  void degenerateSets() {
    try (FloatMatrix x = FaissFixture.blobs(12, 4, 12, 0.1, 6);
        FaissKMeans.Result each = FaissKMeans.fit(x, options(12, 5, 1), 1);
        FaissKMeans.Result one = FaissKMeans.fit(x, options(1, 5, 3), 1)) {
      assertThat(each.objective()).isCloseTo(0, within(1e-4));
      assertThat(each.labels().toArray()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
      assertThat(one.labels().toArray()).containsOnly(0);
    }
    try (FloatMatrix same = FaissFixture.blobs(100, 5, 2, 0, 7);
        FaissKMeans.Result result = FaissKMeans.fit(same, options(10, 5, 2), 2)) {
      assertThat(Arrays.stream(result.labels().toArray())).allMatch(l -> l >= 0 && l < 10);
      assertThat(result.objective()).isFinite();
    }
  }

  @Test
  void saysWhatItAccepts() {
    try (FloatMatrix x = FaissFixture.blobs(20, 3, 2, 0.1, 8)) {
      refuses("k is 21; accepted: 1..20", x, options(21, 5, 1));
      refuses("k is 0; accepted: 1..20", x, options(0, 5, 1));
      refuses("iterations is 0; accepted: 1..", x, options(3, 0, 1));
      refuses("nredo is 65; accepted: 1..64", x, options(3, 5, 65));
      refuses("seed is -1", x, new FaissKMeans.Options(3, 5, 1, -1, false, 256));
      refuses("max_points_per_centroid is 0", x, new FaissKMeans.Options(3, 5, 1, 1, false, 0));
      x.set(11, 2, Float.NEGATIVE_INFINITY);
      assertThatThrownBy(() -> FaissKMeans.fit(x, options(3, 5, 1), 1))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("row 11");
    }
  }

  private static void refuses(String words, FloatMatrix x, FaissKMeans.Options options) {
    assertThatThrownBy(() -> FaissKMeans.fit(x, options, 1))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining(words);
  }
}
