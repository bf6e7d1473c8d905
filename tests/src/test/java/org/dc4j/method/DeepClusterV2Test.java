package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.dc4j.data.ImageBatch;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;

class DeepClusterV2Test {
  private static final int N = 60;
  private static final int D = 5;
  private static final int K = 6;
  private static final int[] IDS = {3, 40, 7, 12, 55, 21, 16, 8};
  private static final double TEMPERATURE = 0.1;

  private static MethodFixture fixture(String... more) {
    String[] settings = {
      "clustering.k=" + K, "schedule.batchSize=8", "options.heads=3", "options.banks=2"
    };
    String[] all = Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return new MethodFixture(N, D, "deepcluster-v2-small", all);
  }

  /** methods.md 2.3, steps 3 and 4: four crops, three heads, two banks. */
  @Test
  void aStepIsTheFormulas() {
    try (MethodFixture run = fixture()) {
      run.beginEpoch(0);
      StateDict before = run.method.state();
      float[][][] views = new float[4][][];
      for (int crop = 0; crop < 4; crop++) {
        views[crop] = MethodFixture.unitRows(IDS.length, D, 50 + crop);
      }
      double loss;
      try (ImageBatch batch =
          new ImageBatch(IDS, Arrays.stream(views).map(FloatMatrix::of).toList())) {
        loss = run.method.step(batch, 0);
      }
      double expected = 0;
      double[][][] gradient = new double[4][IDS.length][D];
      for (int head = 0; head < 3; head++) {
        float[] prototypes = before.get("prototypes." + head).floats();
        int[] labels = before.get("labels." + head).ints();
        for (int crop = 0; crop < 4; crop++) {
          for (int i = 0; i < IDS.length; i++) {
            double share = 1.0 / (3 * 4 * IDS.length);
            expected +=
                share
                    * crossEntropy(
                        views[crop][i], prototypes, labels[IDS[i]], share, gradient[crop][i]);
          }
        }
      }
      assertThat(loss).isCloseTo(expected, within(1e-5));
      for (int crop = 0; crop < 4; crop++) {
        float[] got = run.encoder.gradients.get(crop / 2);
        for (int i = 0; i < IDS.length; i++) {
          for (int j = 0; j < D; j++) {
            int at = ((crop % 2) * IDS.length + i) * D + j;
            assertThat((double) got[at]).isCloseTo(gradient[crop][i][j], within(2e-5));
          }
        }
      }
      assertThat(run.encoder.gradients).hasSize(2);
      assertThat(run.encoder.steps).isEqualTo(1);
      assertBanks(run, views);
    }
  }

  /** Adds share * d / dx to gradient. */
  private static double crossEntropy(
      float[] x, float[] prototypes, int label, double share, double[] gradient) {
    double[] exp = new double[K];
    for (int c = 0; c < K; c++) {
      double dot = 0;
      for (int j = 0; j < D; j++) {
        dot += (double) x[j] * prototypes[c * D + j];
      }
      exp[c] = Math.exp(dot / TEMPERATURE);
    }
    double sum = Arrays.stream(exp).sum();
    for (int c = 0; c < K; c++) {
      double p = exp[c] / sum - (c == label ? 1 : 0);
      for (int j = 0; j < D; j++) {
        gradient[j] += share * p * prototypes[c * D + j] / TEMPERATURE;
      }
    }
    return -Math.log(exp[label] / sum);
  }

  private static void assertBanks(MethodFixture run, float[][][] views) {
    StateDict after = run.method.state();
    for (int bank = 0; bank < 2; bank++) {
      float[] rows = after.get("bank." + bank).floats();
      for (int i = 0; i < IDS.length; i++) {
        assertThat(Arrays.copyOfRange(rows, IDS[i] * D, IDS[i] * D + D)).isEqualTo(views[bank][i]);
      }
      assertThat(Arrays.copyOfRange(rows, 0, D)).isEqualTo(run.features[0]); // 0 was not drawn
    }
  }

  @Test
  void imagesNotSeenInTheLastEpochHaveNoLabel() {
    try (MethodFixture run = fixture("clustering.k=3")) {
      run.beginEpoch(0);
      assertThat(run.method.state().get("labels.0").ints()).doesNotContain(-1);
      float[][] view = MethodFixture.unitRows(IDS.length, D, 9);
      try (ImageBatch batch =
          new ImageBatch(
              IDS,
              List.of(
                  FloatMatrix.of(view),
                  FloatMatrix.of(view),
                  FloatMatrix.of(view),
                  FloatMatrix.of(view)))) {
        run.method.step(batch, 0);
      }
      run.beginEpoch(1);
      int[] labels = run.method.state().get("labels.0").ints();
      int labelled = (int) Arrays.stream(labels).filter(label -> label >= 0).count();
      assertThat(labelled).isEqualTo(IDS.length);
      assertThat(labels[IDS[0]]).isNotNegative();
    }
  }

  @Test
  void needsAsManyCropsAsBanks() {
    assertThatThrownBy(() -> fixture("options.banks=3").close())
        .hasMessage(
            "options.banks is 3 but there are 2 crops (augmentation.crops); accepted: 1..2");
  }

  @Test
  void refusesMorePrototypesThanAnEpochSees() {
    // 30 images are drawn, the last 6 fill no batch of 8.
    assertThatThrownBy(() -> fixture("schedule.reassign=0.5", "clustering.k=25"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "clustering.k is 25 but an epoch sees 24 images in batches of 8; accepted: 2..24, or a larger schedule.reassign");
    fixture("schedule.reassign=0.5", "clustering.k=24").close();
    // A single epoch clusters all images before it and after it.
    fixture("schedule.reassign=0.5", "clustering.k=25", "schedule.epochs=1").close();
    fixture("schedule.reassign=2", "clustering.k=60").close();
  }

  @Test
  void refusesWhitening() {
    assertThatThrownBy(() -> fixture("clustering.whiten=4"))
        .hasMessage(
            "clustering.whiten is 4; method deepcluster-v2 compares embeddings with its clusters as they are, it accepts: 0");
  }
}
