package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.cluster.Assignments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeepClusterTest {
  private static final int N = 90;
  private static final int D = 6;
  private static final int[] IDS = {3, 40, 7, 3, 55, 21, 16, 88}; // 3 comes twice

  private static MethodFixture fixture(String method) {
    return method.equals("pic")
        ? new MethodFixture(
            N, D, "pic-small", "schedule.batchSize=8", "options.whiten=0", "options.neighbours=5")
        : new MethodFixture(N, D, "deepcluster-small", "schedule.batchSize=8", "clustering.k=7");
  }

  /** methods.md 2.1 and 2.2, step 4: mean cross-entropy on the pseudo labels, in fp64. */
  @ParameterizedTest
  @ValueSource(strings = {"deepcluster", "pic"})
  void aStepIsTheFormulas(String method) {
    try (MethodFixture run = fixture(method)) {
      run.beginEpoch(0);
      Assignments found = run.method.assignments();
      int[] classes = occurring(found);
      int k = Arrays.stream(classes).max().orElseThrow() + 1;
      assertThat(run.encoder.head.classes()).isEqualTo(k).isGreaterThan(1);
      float[][] views = MethodFixture.unitRows(IDS.length, D, 5);

      double loss = run.step(IDS, views);

      double expected = 0;
      float[] got = run.encoder.gradients.get(0);
      for (int i = 0; i < IDS.length; i++) {
        double[] exp = exponentials(run.encoder.head.weights, views[i]);
        double sum = Arrays.stream(exp).sum();
        int label = classes[IDS[i]];
        expected -= Math.log(exp[label] / sum) / IDS.length;
        for (int c = 0; c < k; c++) {
          double gradient = (exp[c] / sum - (c == label ? 1 : 0)) / IDS.length;
          assertThat((double) got[i * k + c]).isCloseTo(gradient, within(1e-6));
        }
      }
      assertThat(loss).isCloseTo(expected, within(1e-6));
      assertThat(run.encoder.steps).isEqualTo(1);
      assertThat(run.method.assignments()).isSameAs(found);
    }
  }

  /** Every row lies with the centre it is nearest to, and centres are the means of their rows. */
  @Test
  void pseudoLabelsAreAFixedPointOfKMeans() {
    try (MethodFixture run = fixture("deepcluster")) {
      run.beginEpoch(0);
      Assignments found = run.method.assignments();
      double[][] means = new double[found.k()][D];
      int[] sizes = found.sizes();
      for (int i = 0; i < N; i++) {
        for (int t = 0; t < D; t++) {
          means[found.labels()[i]][t] += run.features[i][t] / (double) sizes[found.labels()[i]];
        }
      }
      for (int i = 0; i < N; i++) {
        double own = distance(run.features[i], means[found.labels()[i]]);
        for (int c = 0; c < found.k(); c++) {
          if (sizes[c] > 0) {
            assertThat(own).isLessThanOrEqualTo(distance(run.features[i], means[c]) + 1e-6);
          }
        }
        assertThat((double) found.distances()[i]).isCloseTo(own, within(1e-5));
      }
    }
  }

  /** Clusters that occur, renumbered in their order. */
  private static int[] occurring(Assignments found) {
    int[] sizes = found.sizes();
    int[] number = new int[found.k()];
    int next = 0;
    for (int c = 0; c < found.k(); c++) {
      number[c] = sizes[c] > 0 ? next++ : -1;
    }
    return IntStream.of(found.labels()).map(label -> number[label]).toArray();
  }

  private static double[] exponentials(float[][] weights, float[] view) {
    double[] exp = new double[weights.length];
    for (int c = 0; c < exp.length; c++) {
      double logit = 0;
      for (int j = 0; j < D; j++) {
        logit += weights[c][j] * Math.max(0, view[j]);
      }
      exp[c] = Math.exp(logit);
    }
    return exp;
  }

  private static double distance(float[] row, double[] mean) {
    double sum = 0;
    for (int t = 0; t < D; t++) {
      sum += (row[t] - mean[t]) * (row[t] - mean[t]);
    }
    return sum;
  }
}
