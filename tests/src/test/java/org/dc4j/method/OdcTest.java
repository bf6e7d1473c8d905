package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OdcTest {
  private static final int N = 90;
  private static final int D = 6;
  private static final int K = 4;
  private static final int[] IDS = {3, 40, 7, 3, 55, 21, 16, 88}; // 3 comes twice

  /** methods.md 2.4, steps 1 to 3, and 5, on copies of the memories in fp64. */
  @ParameterizedTest
  @ValueSource(strings = {"dot", "euclidean"})
  void aStepIsTheFormulas(String nearest) {
    try (MethodFixture run =
        new MethodFixture(
            N,
            D,
            "odc-small",
            "clustering.k=" + K,
            "schedule.batchSize=8",
            "options.smallest=1",
            "options.centroidSteps=1000",
            "options.featureWeight=0.3",
            "options.nearest=" + nearest)) {
      run.beginEpoch(0);
      StateDict before = run.method.state();
      int[] labels = before.get("memories.labels").ints();
      double[][] memory = rows(before.get("memories.samples").floats(), D);
      double[][] centroids = rows(before.get("memories.centroids").floats(), D);
      assertCentroidsAreMeans(memory, labels, centroids);
      float[][] views = MethodFixture.unitRows(IDS.length, D, 5);

      double loss = run.step(IDS, views);

      assertLossAndGradient(run, views, labels, loss);
      for (int i = 0; i < IDS.length; i++) {
        memory[IDS[i]] = moved(rows(before.get("memories.samples").floats(), D)[IDS[i]], views[i]);
      }
      for (int id : IDS) {
        labels[id] = nearestOf(memory[id], centroids, nearest.equals("dot"));
      }
      StateDict after = run.method.state();
      double[][] got = rows(after.get("memories.samples").floats(), D);
      for (int i = 0; i < N; i++) {
        for (int j = 0; j < D; j++) {
          assertThat(got[i][j]).as("memory %d %d", i, j).isCloseTo(memory[i][j], within(1e-6));
        }
      }
      assertThat(after.get("memories.labels").ints()).isEqualTo(labels);
    }
  }

  private static void assertLossAndGradient(
      MethodFixture run, float[][] views, int[] labels, double loss) {
    int[] sizes = new int[K];
    Arrays.stream(labels).forEach(label -> sizes[label]++);
    double[] weights = new double[K];
    Arrays.setAll(weights, c -> 1 / Math.sqrt(sizes[c] + 1e-5));
    double total = Arrays.stream(IDS).mapToDouble(id -> weights[labels[id]]).sum();
    double expected = 0;
    double[] gradient = new double[IDS.length * K];
    for (int i = 0; i < IDS.length; i++) {
      double[] exp = new double[K];
      for (int c = 0; c < K; c++) {
        double logit = 0;
        for (int j = 0; j < D; j++) {
          logit += run.encoder.head.weights[c][j] * Math.max(0, views[i][j]);
        }
        exp[c] = Math.exp(logit);
      }
      double sum = Arrays.stream(exp).sum();
      int label = labels[IDS[i]];
      double weight = weights[label] / total;
      expected -= weight * Math.log(exp[label] / sum);
      for (int c = 0; c < K; c++) {
        gradient[i * K + c] = weight * (exp[c] / sum - (c == label ? 1 : 0));
      }
    }
    assertThat(loss).isCloseTo(expected, within(1e-6));
    float[] got = run.encoder.gradients.get(0);
    for (int i = 0; i < gradient.length; i++) {
      assertThat((double) got[i]).isCloseTo(gradient[i], within(1e-6));
    }
  }

  private static void assertCentroidsAreMeans(
      double[][] memory, int[] labels, double[][] centroids) {
    for (int c = 0; c < K; c++) {
      for (int j = 0; j < D; j++) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < N; i++) {
          sum += labels[i] == c ? memory[i][j] : 0;
          count += labels[i] == c ? 1 : 0;
        }
        assertThat(centroids[c][j]).isCloseTo(sum / count, within(1e-6));
      }
    }
  }

  /** 0.7 old + 0.3 new, the new one relu'd and of unit length, the sum of unit length. */
  private static double[] moved(double[] old, float[] view) {
    double norm = 0;
    for (float value : view) {
      norm += Math.pow(Math.max(0, value), 2);
    }
    double[] mixed = new double[D];
    double length = 0;
    for (int j = 0; j < D; j++) {
      mixed[j] = 0.7 * old[j] + 0.3 * Math.max(0, view[j]) / Math.sqrt(norm);
      length += mixed[j] * mixed[j];
    }
    for (int j = 0; j < D; j++) {
      mixed[j] /= Math.sqrt(length);
    }
    return mixed;
  }

  private static int nearestOf(double[] x, double[][] centroids, boolean dot) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < K; c++) {
      double score = 0;
      for (int j = 0; j < D; j++) {
        double difference = x[j] - centroids[c][j];
        score += dot ? x[j] * centroids[c][j] : -difference * difference;
      }
      if (score > most) {
        most = score;
        best = c;
      }
    }
    return best;
  }

  @Test
  void weightsFollowTheSizes() {
    int[] labels = new int[500];
    Arrays.fill(labels, 100, 500, 1);
    try (DeviceContext device = DeviceContext.open("cpu", 1);
        OdcMemories memories = memories(device, labels, 2, 1)) {
      // Sizes 100 and 400 weigh 2/3 and 1/3 (methods.md 8).
      try (FloatMatrix weights = memories.classWeights()) {
        assertThat(weights.get(0, 0)).isCloseTo(2f / 3, within(1e-6f));
        assertThat(weights.get(0, 1)).isCloseTo(1f / 3, within(1e-6f));
      }
    }
  }

  @Test
  void smallClassesAreDissolvedAndTheLargestSplit() {
    int[] labels = new int[100];
    Arrays.fill(labels, 60, 97, 1);
    Arrays.fill(labels, 97, 100, 2);
    try (DeviceContext device = DeviceContext.open("cpu", 1);
        OdcMemories memories = memories(device, labels, 4, 20)) {
      memories.updateCentroids();
      memories.dissolveSmall();
      int[] sizes = new int[4];
      Arrays.stream(memories.labels()).forEach(label -> sizes[label]++);
      assertThat(Arrays.stream(sizes).sum()).isEqualTo(100);
      assertThat(sizes[2]).isPositive();
      assertThat(sizes[3]).isPositive();
      // The three members of class 2 went to a class that was large enough.
      int[] old = Arrays.copyOfRange(memories.labels(), 97, 100);
      assertThat(old).hasSize(3);
      double[][] samples = rows(memories.samples().toArray(), D);
      double[][] centroids = rows(memories.state().get("centroids").floats(), D);
      int[] now = memories.labels();
      for (int c : new int[] {2, 3}) {
        for (int j = 0; j < D; j++) {
          double sum = 0;
          for (int i = 0; i < 100; i++) {
            sum += now[i] == c ? samples[i][j] : 0;
          }
          assertThat(centroids[c][j]).isCloseTo(sum / sizes[c], within(1e-6));
        }
      }
    }
  }

  @Test
  void classesOfEqualMembersAreHalved() {
    float[][] same = new float[40][D];
    for (float[] row : same) {
      row[0] = 1;
    }
    Odc.Options options = new Odc.Options(0.5, 10, 5, 0.5, "dot");
    try (DeviceContext device = DeviceContext.open("cpu", 1);
        OdcMemories memories =
            new OdcMemories(
                device, options, FloatMatrix.of(same), new int[40], FloatMatrix.allocate(2, D))) {
      memories.updateCentroids();
      memories.dissolveSmall();
      assertThat(Arrays.stream(memories.labels()).sum()).isEqualTo(20);
    }
  }

  @Test
  void saysWhenClassesCannotBeThatLarge() {
    assertThatThrownBy(
            () ->
                new MethodFixture(N, D, "odc-small", "clustering.k=10", "schedule.batchSize=8")
                    .close())
        .hasMessage(
            "options.smallest is 20: 10 classes of that size need 200 images, there are 90;"
                + " accepted: 1..9");
  }

  private static OdcMemories memories(DeviceContext device, int[] labels, int k, int smallest) {
    Odc.Options options = new Odc.Options(0.5, 10, smallest, 0.5, "dot");
    float[][] samples = MethodFixture.unitRows(labels.length, D, 3);
    return new OdcMemories(
        device, options, FloatMatrix.of(samples), labels, FloatMatrix.allocate(k, D));
  }

  private static double[][] rows(float[] values, int d) {
    double[][] rows = new double[values.length / d][d];
    for (int i = 0; i < values.length; i++) {
      rows[i / d][i % d] = values[i];
    }
    return rows;
  }

  @Test
  void refusesWhitening() {
    assertThatThrownBy(
            () ->
                new MethodFixture(
                    60,
                    8,
                    "odc-small",
                    "clustering.k=3",
                    "schedule.batchSize=8",
                    "clustering.whiten=4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "clustering.whiten is 4; method odc compares embeddings with its clusters as they are, it accepts: 0");
  }
}
