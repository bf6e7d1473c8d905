package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.dc4j.config.InvalidPlanException;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatioClusteringTest {
  private static final int[] IDS = {3, 40, 7, 3, 55, 21, 16, 8};

  /** methods.md 2.5: L = mean of |f - c+| / |f - c-|, gradient with the centres constant. */
  @ParameterizedTest
  @ValueSource(strings = {"nearest", "assigned"})
  void aStepIsTheFormula(String target) {
    try (MethodFixture run =
        new MethodFixture(
            60,
            5,
            "ratio-small",
            "clustering.k=6",
            "schedule.batchSize=8",
            "options.target=" + target)) {
      run.beginEpoch(0);
      float[][] views = MethodFixture.unitRows(IDS.length, 5, 99);
      double loss = run.step(IDS, views);
      double[][] centres = centres(run.method.state());
      double expected = 0;
      double[] gradient = new double[IDS.length * 5];
      for (int i = 0; i < IDS.length; i++) {
        int near = nearest(views[i], centres, -1);
        int positive = target.equals("nearest") ? near : run.method.assignments().labels()[IDS[i]];
        int negative = nearest(views[i], centres, positive);
        double a = distance(views[i], centres[positive]);
        double b = distance(views[i], centres[negative]);
        expected += a / b / IDS.length;
        for (int j = 0; j < 5; j++) {
          double u = (views[i][j] - centres[positive][j]) / a;
          double w = (views[i][j] - centres[negative][j]) / b;
          gradient[i * 5 + j] = (u / b - a / (b * b) * w) / IDS.length;
        }
      }
      assertThat(loss).isCloseTo(expected, within(1e-6));
      float[] got = run.encoder.gradients.get(0);
      for (int i = 0; i < gradient.length; i++) {
        assertThat((double) got[i]).isCloseTo(gradient[i], within(1e-5));
      }
      assertThat(run.encoder.steps).isEqualTo(1);
    }
  }

  @Test
  void clustersEverySoManyEpochsOnly() {
    try (MethodFixture run =
        new MethodFixture(
            60,
            5,
            "ratio-small",
            "clustering.k=6",
            "schedule.batchSize=8",
            "clustering.everyEpochs=3")) {
      run.beginEpoch(0);
      var first = run.method.assignments();
      run.beginEpoch(1);
      run.beginEpoch(2);
      assertThat(run.method.assignments()).isSameAs(first);
      run.beginEpoch(3);
      assertThat(run.method.assignments()).isNotSameAs(first);
    }
  }

  /** Of these 50 centres one changes a bit if it is normalised again. */
  @Test
  void unitCentresComeBackAsTheyWere() {
    try (MethodFixture run =
        new MethodFixture(
            60,
            5,
            "ratio-small",
            "clustering.k=50",
            "schedule.batchSize=8",
            "options.unitCentres=true")) {
      run.beginEpoch(0);
      StateDict state = run.method.state();
      float[] centres = state.get("centres").floats();
      for (double[] row : PlainContrast.rows(centres, 5)) {
        assertThat(PlainContrast.dot(row, row)).isCloseTo(1, within(1e-6));
      }
      run.method.restore(state);
      assertThat(run.method.state().get("centres").floats()).isEqualTo(centres);
    }
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> new MethodFixture(60, 5, "ratio-small", "options.target=both").close())
        .isInstanceOf(InvalidPlanException.class)
        .hasMessage("options.target is 'both'; accepted: nearest, assigned");
    assertThatThrownBy(() -> new MethodFixture(60, 5, "ratio-small", "options.targt=x").close())
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("unknown key 'options.targt'; did you mean 'options.target'?");
    assertThatThrownBy(
            () ->
                new MethodFixture(
                        60,
                        5,
                        "ratio-small",
                        "encoder.normalize=false",
                        "clustering.k=6",
                        "schedule.batchSize=8")
                    .close())
        .hasMessage("encoder.normalize is false; method ratio accepts: true");
  }

  private static double[][] centres(StateDict state) {
    try (FloatMatrix matrix = state.get("centres").matrix()) {
      double[][] rows = new double[(int) matrix.rows()][(int) matrix.cols()];
      for (int c = 0; c < rows.length; c++) {
        for (int j = 0; j < rows[c].length; j++) {
          rows[c][j] = matrix.get(c, j);
        }
      }
      return rows;
    }
  }

  private static int nearest(float[] x, double[][] centres, int except) {
    int best = -1;
    for (int c = 0; c < centres.length; c++) {
      if (c != except && (best < 0 || distance(x, centres[c]) < distance(x, centres[best]))) {
        best = c;
      }
    }
    return best;
  }

  private static double distance(float[] x, double[] centre) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      sum += (x[j] - centre[j]) * (x[j] - centre[j]);
    }
    return Math.sqrt(sum);
  }

  @Test
  void refusesWhitening() {
    assertThatThrownBy(
            () ->
                new MethodFixture(
                    60,
                    8,
                    "ratio-small",
                    "clustering.k=3",
                    "schedule.batchSize=8",
                    "clustering.whiten=4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "clustering.whiten is 4; method ratio compares embeddings with its clusters as they are, it accepts: 0");
  }
}
