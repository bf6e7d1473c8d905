package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dc4j.eval.RepresentationScore.Clustering;
import org.dc4j.eval.RepresentationScore.Protocol;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepresentationScoreTest {
  private static final int CLASSES = 3;
  private static final int[] TRAIN = IntStream.range(0, 90).map(i -> i % CLASSES).toArray();
  private static final int[] TEST = IntStream.range(0, 60).map(i -> i % CLASSES).toArray();

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void separatedClassesScoreOne(int whiten) {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix train = blobs(TRAIN, 1);
        FloatMatrix test = blobs(TEST, 2)) {
      long bytes = NativeLibraries.allocatedBytes();
      float[] before = test.toArray();
      Protocol protocol = new Protocol(whiten, 5, 0.07, CLASSES, new long[] {1, 2, 3});
      List<Long> seeds = new ArrayList<>();
      Clustering clustering =
          (x, k, seed) -> {
            seeds.add(seed);
            requireUnitRows(x, whiten == 0 ? 6 : whiten);
            assertThat(k).isEqualTo(CLASSES);
            return TEST.clone();
          };
      RepresentationScore score =
          RepresentationScore.of(context.kernels(), train, TRAIN, test, TEST, protocol, clustering);
      assertThat(score.knnAccuracy()).isEqualTo(1);
      assertThat(score.recallAt1()).isEqualTo(1);
      assertThat(score.nmi()).isEqualTo(new MeanAndDeviation(1, 0));
      assertThat(score.accuracy().mean()).isEqualTo(1);
      assertThat(seeds).containsExactly(1L, 2L, 3L);
      if (whiten == 0) {
        assertThat(score.effectiveRank()).isNaN();
      } else {
        assertThat(score.effectiveRank()).isBetween(1.0, 3.0);
      }
      assertThat(test.toArray()).isEqualTo(before);
      assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void clusteringScoresAreMeansOverTheSeeds() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix train = blobs(TRAIN, 1);
        FloatMatrix test = blobs(TEST, 2)) {
      Protocol protocol = new Protocol(0, 1, 1, CLASSES, new long[] {0, 1});
      int[] half = IntStream.range(0, TEST.length).map(i -> i % 2).toArray();
      RepresentationScore score =
          RepresentationScore.of(
              context.kernels(),
              train,
              TRAIN,
              test,
              TEST,
              protocol,
              (x, k, seed) -> seed == 0 ? TEST : half);
      double low = Ari.of(TEST, half);
      assertThat(score.ari().mean()).isCloseTo((1 + low) / 2, within(1e-12));
      assertThat(score.ari().deviation()).isCloseTo((1 - low) / Math.sqrt(2), within(1e-12));
      assertThat(score.nmiGeometric().mean())
          .isCloseTo((1 + Nmi.geometric(TEST, half)) / 2, within(1e-12));
      assertThat(score.accuracy().mean())
          .isCloseTo((1 + ClusterAccuracy.of(TEST, half)) / 2, within(1e-12));
    }
  }

  @Test
  void awkwardInputIsAClearError() {
    long[] seeds = {1};
    assertThatThrownBy(() -> new Protocol(-1, 5, 1, 3, seeds))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Protocol(0, 5, 1, 0, seeds))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Protocol(0, 5, 1, 3, new long[0]))
        .isInstanceOf(IllegalArgumentException.class);
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix train = blobs(TRAIN, 1);
        FloatMatrix narrow = FloatMatrix.allocate(60, 5);
        FloatMatrix test = blobs(TEST, 2)) {
      assertError(context, train, TRAIN, narrow, new Protocol(0, 5, 1, 3, seeds), "6 wide");
      assertError(context, train, TRAIN, test, new Protocol(7, 5, 1, 3, seeds), "whitening to 7");
      assertError(context, train, TRAIN, test, new Protocol(0, 5, 1, 61, seeds), "61 clusters");
      assertError(context, train, TEST, test, new Protocol(0, 5, 1, 3, seeds), "training labels");
      assertError(context, train, TRAIN, test, new Protocol(0, 0, 1, 3, seeds), "0 neighbours");
    }
  }

  private static void assertError(
      DeviceContext context,
      FloatMatrix train,
      int[] labels,
      FloatMatrix test,
      Protocol protocol,
      String text) {
    assertThatThrownBy(
            () ->
                RepresentationScore.of(
                    context.kernels(), train, labels, test, TEST, protocol, (x, k, s) -> TEST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  private static void requireUnitRows(FloatMatrix x, int width) {
    assertThat(x.cols()).isEqualTo(width);
    for (long i = 0; i < x.rows(); i++) {
      double squares = 0;
      for (float value : x.row(i)) {
        squares += (double) value * value;
      }
      assertThat(squares).isCloseTo(1, within(1e-5));
    }
  }

  /** Rows of width 6 around one axis per class. */
  private static FloatMatrix blobs(int[] labels, long seed) {
    RandomStream random = new RandomStream(seed);
    FloatMatrix rows = FloatMatrix.allocate(labels.length, 6);
    for (int i = 0; i < labels.length; i++) {
      float[] row = new float[6];
      for (int j = 0; j < 6; j++) {
        row[j] = (float) random.nextDouble(-0.1, 0.1) + (j == labels[i] ? 3 : 0);
      }
      rows.setRow(i, row);
    }
    return rows;
  }
}
