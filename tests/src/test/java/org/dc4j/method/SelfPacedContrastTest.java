package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.format.StateDict;
import org.junit.jupiter.api.Test;

class SelfPacedContrastTest {
  private static final int D = 6;
  private static final int BATCH = 12;
  private static final double TEMPERATURE = 0.05;
  private static final double MOMENTUM = 0.3;

  private static MethodFixture fixture(String... more) {
    return ClusterContrastTest.identities("spcl-small", more);
  }

  /** methods.md 2.8: the memory is one of instances, a class is the mean of its rows. */
  @Test
  void aStepIsTheFormulas() {
    try (MethodFixture run = fixture("options.eps=0.2")) {
      int[] order = run.beginEpoch(0);
      StateDict before = run.method.state();
      double[][] memory = PlainContrast.rows(before.get("memory").floats(), D);
      PlainContrast.assertClose(memory, PlainContrast.rows(run.features), 0);
      int[] classes = before.get("assignments.labels").ints();
      int count = run.method.assignments().k();
      for (int i = 0; i < classes.length; i++) {
        classes[i] = classes[i] < 0 ? count++ : classes[i];
      }
      int firstSingle = run.method.assignments().k();
      assertThat(count).isGreaterThan(firstSingle);
      int single =
          Arrays.stream(order).filter(id -> classes[id] >= firstSingle).findFirst().orElseThrow();
      int[] ids = Arrays.copyOf(order, BATCH);
      ids[1] = single;
      ids[BATCH - 1] = ids[0]; // twice: both move its row, in order
      int[] labels = Arrays.stream(ids).map(id -> classes[id]).toArray();
      double[][] means = PlainContrast.means(memory, classes, count);
      float[][] views = MethodFixture.unitRows(BATCH, D, 99);
      double[][] x = PlainContrast.rows(views);

      double loss = run.step(ids, views);

      assertThat(loss)
          .isCloseTo(PlainContrast.infoNce(x, means, labels, TEMPERATURE), within(1e-5));
      PlainContrast.assertClose(
          PlainContrast.rows(run.encoder.gradients.get(0), D),
          PlainContrast.gradient(
              x, moved -> PlainContrast.infoNce(moved, means, labels, TEMPERATURE)),
          3e-5);
      assertThat(run.encoder.steps).isEqualTo(1);
      PlainContrast.assertClose(
          PlainContrast.rows(run.method.state().get("memory").floats(), D),
          PlainContrast.updated(memory, x, ids, MOMENTUM),
          1e-6);
      assertSecondStep(run, classes, count);
    }
  }

  /** A second step sees the class means of the memory that the first one left. */
  private static void assertSecondStep(MethodFixture run, int[] classes, int count) {
    double[][] memory = PlainContrast.rows(run.method.state().get("memory").floats(), D);
    int[] ids = IntStream.range(0, BATCH).map(i -> 7 * i).toArray();
    int[] labels = Arrays.stream(ids).map(id -> classes[id]).toArray();
    float[][] views = MethodFixture.unitRows(BATCH, D, 98);
    double expected =
        PlainContrast.infoNce(
            PlainContrast.rows(views),
            PlainContrast.means(memory, classes, count),
            labels,
            TEMPERATURE);
    assertThat(run.step(ids, views)).isCloseTo(expected, within(1e-5));
  }

  /** The means that steps kept up to date are those of a method that begins with the memory. */
  @Test
  void aRestoredMethodStepsAlikeBitForBit() {
    try (MethodFixture run = fixture("options.eps=0.2");
        MethodFixture resumed = fixture("options.eps=0.2")) {
      int[] order = run.beginEpoch(0);
      for (int i = 0; i < 3; i++) {
        int[] ids = Arrays.copyOfRange(order, i * BATCH, (i + 1) * BATCH);
        run.step(ids, MethodFixture.unitRows(BATCH, D, 60 + i), i);
      }
      assertThat(resumed.method.resumeEpoch(0, run.method.state())).isEqualTo(order);
      int[] ids = Arrays.copyOfRange(order, 3 * BATCH, 4 * BATCH);
      float[][] views = MethodFixture.unitRows(BATCH, D, 63);
      assertThat(resumed.step(ids, views, 3)).isEqualTo(run.step(ids, views, 3));
      assertThat(resumed.method.state().get("memory").floats())
          .isEqualTo(run.method.state().get("memory").floats());
    }
  }

  @Test
  void imagesThatStandAloneAreTrainedOn() {
    try (MethodFixture run = fixture("options.eps=0.2")) {
      int[] ids = run.beginEpoch(0);
      int[] clusters = run.method.assignments().labels();
      assertThat(ids).hasSize(10 * BATCH);
      int[] alone = IntStream.range(0, clusters.length).filter(i -> clusters[i] < 0).toArray();
      assertThat(alone).isNotEmpty();
      assertThat(Arrays.stream(ids).distinct().toArray()).contains(alone);
    }
  }

  /** The next epoch clusters what the memory has become, by the threshold of the first. */
  @Test
  void laterEpochsClusterTheMemory() {
    try (MethodFixture run = fixture("options.eps=0.2", "options.memoryMomentum=0")) {
      run.beginEpoch(0);
      double[] threshold = run.method.state().get("threshold").doubles();
      int[] all = IntStream.range(0, 84).toArray();
      float[][] views = new float[84][];
      Arrays.setAll(views, i -> run.features[(i + 5) % 84]); // each becomes another
      run.step(all, views);
      run.beginEpoch(1);
      PlainContrast.assertClose(
          PlainContrast.rows(run.method.state().get("memory").floats(), D),
          PlainContrast.rows(views),
          1e-6);
      assertThat(run.method.state().get("threshold").doubles()).isEqualTo(threshold);
      int[] clusters = run.method.assignments().labels();
      try (MethodFixture first = fixture("options.eps=0.2")) {
        first.beginEpoch(0);
        int[] before = first.method.assignments().labels();
        for (int i = 0; i < 84; i++) {
          for (int j = 0; j < i; j++) {
            int a = (i + 5) % 84;
            int b = (j + 5) % 84;
            assertThat(clusters[i] >= 0 && clusters[i] == clusters[j])
                .as("%d with %d", i, j)
                .isEqualTo(before[a] >= 0 && before[a] == before[b]);
          }
        }
      }
    }
  }

  @Test
  void aFirstEpochWithoutClustersIsRefused() {
    try (MethodFixture run = fixture("options.eps=0.03")) {
      assertThatThrownBy(() -> run.beginEpoch(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "options.eps is 0.03: 0 clusters with 0 % of the 84 images, but the first epoch takes"
                  + " the threshold from its clusters, at least 1; accepted: for example 0.");
    }
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> fixture("options.epsMargin=0.5").close())
        .hasMessageContaining("options.epsMargin is 0.5; accepted: 0..0.49");
    assertThatThrownBy(() -> fixture("options.eps=0.98").close())
        .hasMessageContaining("options.eps is 0.98; accepted: 0.02..0.97");
  }
}
