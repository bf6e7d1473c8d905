package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dc4j.format.StateDict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImplicitSampleExtensionTest {
  private static final int D = 6;
  private static final int BATCH = 12;
  private static final double TEMPERATURE = 0.05;
  private static final double MOMENTUM = 0.3;
  private static final double PRESERVING_WEIGHT = 0.7;
  private static final double PRESERVING_TEMPERATURE = 0.6;
  private static final double STEPS = 150; // 10 iterations, 15 epochs

  private static MethodFixture fixture(String update, int supports, double preservingWeight) {
    return ClusterContrastTest.identities(
        "ise-small",
        "options.supports=" + supports,
        "schedule.epochs=15",
        "options.memoryUpdate=" + update,
        "options.preservingWeight=" + preservingWeight,
        "options.preservingTemperature=" + PRESERVING_TEMPERATURE);
  }

  /** methods.md 2.7, step 1, its table. */
  @Test
  void lambdaGrowsFromNothingToAQuarter() {
    double[] expected = {0, 0.089, 0.155, 0.207, 0.25};
    for (int quarter = 0; quarter <= 4; quarter++) {
      assertThat(ImplicitSampleExtension.lambda(1, quarter / 4.0))
          .isCloseTo(expected[quarter], within(5e-4));
      assertThat(ImplicitSampleExtension.lambda(3, quarter / 4.0))
          .isCloseTo(3 * expected[quarter], within(15e-4));
    }
    assertThat(ImplicitSampleExtension.lambda(1, 0)).isZero();
  }

  /** methods.md 2.7, steps 2 to 6: at the start, inside and at the end of a run. */
  @ParameterizedTest
  @CsvSource({"cm,1,0", "cm,1,60", "cm_hard,1,60", "cm_hard,1,149", "cm,2,60", "cm_hard,3,149"})
  void aStepIsTheFormulas(String update, int count, int step) {
    try (MethodFixture run = fixture(update, count, PRESERVING_WEIGHT)) {
      int[] ids = Arrays.copyOf(run.beginEpoch(0), BATCH);
      StateDict before = run.method.state();
      double[][] memory = PlainContrast.rows(before.get("memory").floats(), D);
      int[] clusters = before.get("assignments.labels").ints();
      int[] labels = Arrays.stream(ids).map(id -> clusters[id]).toArray();
      assertThat(memory.length).isGreaterThan(count);
      int[] all = repeated(labels, 1 + count);
      float[][] views = MethodFixture.unitRows(BATCH, D, 99);
      double[][] f = PlainContrast.rows(views);
      double lambda = 0.25 * Math.log(1 + (Math.E - 1) * step / STEPS);

      double loss = run.step(ids, views, step);

      assertThat(loss).isCloseTo(loss(f, memory, labels, lambda, count), within(2e-5));
      PlainContrast.assertClose(
          PlainContrast.rows(run.encoder.gradients.get(0), D),
          PlainContrast.gradient(f, moved -> loss(moved, memory, labels, lambda, count)),
          5e-5);
      assertThat(run.encoder.steps).isEqualTo(1);
      double[][] both = both(f, supports(f, memory, labels, lambda, count));
      double[][] after =
          update.equals("cm")
              ? PlainContrast.updated(memory, both, all, MOMENTUM)
              : PlainContrast.updatedHard(memory, both, all, MOMENTUM);
      PlainContrast.assertClose(
          PlainContrast.rows(run.method.state().get("memory").floats(), D), after, 1e-6);
    }
  }

  /** methods.md 8. */
  @Test
  void withoutSupportsTheLossIsClusterContrast() {
    try (MethodFixture extended = fixture("cm", 1, 0);
        MethodFixture plain = ClusterContrastTest.identities("cluster-contrast-small")) {
      int[] ids = Arrays.copyOf(extended.beginEpoch(0), BATCH);
      assertThat(Arrays.copyOf(plain.beginEpoch(0), BATCH)).isEqualTo(ids);
      float[][] views = MethodFixture.unitRows(BATCH, D, 99);
      assertThat(extended.step(ids, views)).isCloseTo(plain.step(ids, views), within(1e-6));
      PlainContrast.assertClose(
          projected(extended.encoder.gradients.get(0), views),
          projected(plain.encoder.gradients.get(0), views),
          1e-5);
    }
  }

  /** What is left of a gradient behind the normalisation that made the views. */
  private static double[][] projected(float[] gradient, float[][] views) {
    double[][] rows = PlainContrast.rows(gradient, D);
    double[][] x = PlainContrast.rows(views);
    for (int i = 0; i < rows.length; i++) {
      double along = PlainContrast.dot(rows[i], x[i]);
      for (int j = 0; j < D; j++) {
        rows[i][j] -= along * x[i][j];
      }
    }
    return rows;
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(
            () -> ClusterContrastTest.identities("ise-small", "options.extension=-1").close())
        .hasMessageContaining("options.extension is -1; accepted: 0..1000000");
    assertThatThrownBy(() -> ClusterContrastTest.identities("ise-small", "options.k1=0").close())
        .hasMessageContaining("options.k1 is 0; accepted: 1..4096");
  }

  private static double loss(
      double[][] f, double[][] memory, int[] labels, double lambda, int count) {
    double[][] supports = supports(f, memory, labels, lambda, count);
    int[] all = repeated(labels, 1 + count);
    return PlainContrast.infoNce(both(f, supports), memory, all, TEMPERATURE)
        + PRESERVING_WEIGHT * preserving(f, labels, supports);
  }

  private static int[] repeated(int[] labels, int times) {
    return IntStream.range(0, times * labels.length).map(i -> labels[i % labels.length]).toArray();
  }

  /** All of the nearest other cluster, then all of the second nearest, and so on. */
  private static double[][] supports(
      double[][] f, double[][] memory, int[] labels, double lambda, int count) {
    double[][] supports = new double[count * f.length][D];
    for (int i = 0; i < f.length; i++) {
      double[] row = f[i];
      int own = labels[i];
      int[] others =
          IntStream.range(0, memory.length)
              .filter(c -> c != own)
              .boxed()
              .sorted(Comparator.comparingDouble(c -> -PlainContrast.dot(row, memory[c])))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int s = 0; s < count; s++) {
        double[] support = new double[D];
        for (int j = 0; j < D; j++) {
          support[j] = row[j] + lambda * (memory[others[s]][j] - memory[own][j]);
        }
        supports[s * f.length + i] = PlainContrast.unit(support);
      }
    }
    return supports;
  }

  private static double preserving(double[][] f, int[] labels, double[][] supports) {
    double loss = 0;
    for (int i = 0; i < f.length; i++) {
      double own = Double.POSITIVE_INFINITY;
      double[] others = new double[Arrays.stream(labels).max().orElse(0) + 1];
      for (int j = 0; j < supports.length; j++) {
        int label = labels[j % f.length];
        double e = Math.exp(PlainContrast.dot(f[i], supports[j]) / PRESERVING_TEMPERATURE);
        if (label == labels[i]) {
          own = Math.min(own, e);
        } else {
          others[label] = Math.max(others[label], e);
        }
      }
      double share = own / (own + Arrays.stream(others).sum() + 1e-6);
      loss -= Math.log(share + 1e-6) / f.length;
    }
    return loss;
  }

  private static double[][] both(double[][] f, double[][] supports) {
    return Stream.concat(Arrays.stream(f), Arrays.stream(supports)).toArray(double[][]::new);
  }
}
