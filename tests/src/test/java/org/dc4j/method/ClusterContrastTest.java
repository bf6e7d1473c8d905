package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.format.StateDict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterContrastTest {
  private static final int N = 84;
  private static final int D = 6;
  private static final int BATCH = 12;
  private static final int INSTANCES = 4;
  private static final double TEMPERATURE = 0.05;
  private static final double MOMENTUM = 0.3;

  private static MethodFixture fixture(String... more) {
    return identities("cluster-contrast-small", more);
  }

  /** A re-identification method on seven groups of images; three clusters of four a batch. */
  static MethodFixture identities(String preset, String... more) {
    String[] settings = {
      "schedule.batchSize=" + BATCH,
      "options.instances=" + INSTANCES,
      "options.iterations=10",
      "options.k1=10",
      "options.k2=3",
      "options.temperature=" + TEMPERATURE,
      "options.memoryMomentum=" + MOMENTUM
    };
    String[] all = Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return new MethodFixture(N, D, preset, all);
  }

  /** methods.md 2.6, steps 2 and 4. */
  @ParameterizedTest
  @ValueSource(strings = {"cm", "cm_hard"})
  void aStepIsTheFormulas(String update) {
    try (MethodFixture run = fixture("options.memoryUpdate=" + update)) {
      int[] ids = Arrays.copyOf(run.beginEpoch(0), BATCH);
      StateDict before = run.method.state();
      double[][] memory = PlainContrast.rows(before.get("memory").floats(), D);
      int[] clusters = before.get("assignments.labels").ints();
      assertMemoryIsUnitMeans(run, memory, clusters);
      int[] labels = Arrays.stream(ids).map(id -> clusters[id]).toArray();
      float[][] views = MethodFixture.unitRows(BATCH, D, 99);
      double[][] x = PlainContrast.rows(views);

      double loss = run.step(ids, views);

      assertThat(loss)
          .isCloseTo(PlainContrast.infoNce(x, memory, labels, TEMPERATURE), within(1e-5));
      PlainContrast.assertClose(
          PlainContrast.rows(run.encoder.gradients.get(0), D),
          PlainContrast.gradient(
              x, moved -> PlainContrast.infoNce(moved, memory, labels, TEMPERATURE)),
          3e-5);
      assertThat(run.encoder.steps).isEqualTo(1);
      double[][] cm = PlainContrast.updated(memory, x, labels, MOMENTUM);
      double[][] hard = PlainContrast.updatedHard(memory, x, labels, MOMENTUM);
      assertThat(cm).isNotEqualTo(hard);
      PlainContrast.assertClose(
          PlainContrast.rows(run.method.state().get("memory").floats(), D),
          update.equals("cm") ? cm : hard,
          1e-6);
    }
  }

  private static void assertMemoryIsUnitMeans(
      MethodFixture run, double[][] memory, int[] clusters) {
    double[][] means =
        PlainContrast.means(PlainContrast.rows(run.features), clusters, memory.length);
    for (int c = 0; c < means.length; c++) {
      means[c] = PlainContrast.unit(means[c]);
    }
    PlainContrast.assertClose(memory, means, 1e-6);
  }

  @Test
  void noiseIsLeftOutAndBatchesHoldGroups() {
    try (MethodFixture run = fixture("options.eps=0.2")) {
      int[] ids = run.beginEpoch(0);
      int[] clusters = run.method.assignments().labels();
      assertThat(clusters).contains(-1).contains(0);
      assertThat(ids).hasSize(10 * BATCH);
      for (int i = 0; i < ids.length; i++) {
        assertThat(clusters[ids[i]]).isNotNegative().isEqualTo(clusters[ids[i - i % INSTANCES]]);
      }
    }
  }

  @Test
  void tooFewClustersNameAnEpsThatWorks() {
    try (MethodFixture run = fixture("options.eps=0.02")) {
      Throwable refused = catchThrowable(() -> run.beginEpoch(0));
      assertThat(refused)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching(
              "options\\.eps is 0\\.02: \\d clusters with \\d+ % of the 84 images, but batches of 12"
                  + " with options\\.instances = 4 need 3 clusters; accepted: for example"
                  + " 0\\.\\d+ gives \\d+ clusters with \\d+ % \\(distances to neighbour 4:"
                  + " 10 % of the images below 0\\.\\d+, .*\\)");
      Matcher example =
          Pattern.compile("example (\\S+) gives (\\d+)").matcher(refused.getMessage());
      assertThat(example.find()).isTrue();
      try (MethodFixture again = fixture("options.eps=" + example.group(1))) {
        again.beginEpoch(0);
        assertThat(again.method.assignments().k()).isEqualTo(Integer.parseInt(example.group(2)));
      }
    }
  }

  @Test
  void whereNoEpsDoesTheBatchMustChange() {
    try (MethodFixture run = fixture("schedule.batchSize=120")) {
      assertThatThrownBy(() -> run.beginEpoch(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("need 30 clusters; no eps does, the best, ")
          .hasMessageEndingWith("accepted: a smaller batchSize, or more instances");
    }
  }

  @Test
  void plansThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> fixture("options.instances=5").close())
        .hasMessage("schedule.batchSize is 12; accepted: a multiple of options.instances = 5");
    assertThatThrownBy(() -> fixture("options.memoryUpdate=cn").close())
        .hasMessage("options.memoryUpdate is 'cn'; accepted: cm, cm_hard");
    assertThatThrownBy(() -> fixture("encoder.normalize=false").close())
        .hasMessage("encoder.normalize is false; method cluster-contrast accepts: true");
  }
}
