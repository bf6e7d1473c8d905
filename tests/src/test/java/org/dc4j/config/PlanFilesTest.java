package org.dc4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlanFilesTest {
  private static final TrainingPlan SMALL = PlanFiles.preset("deepcluster-small");

  static Iterable<String> presets() {
    return PlanFiles.presets();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void presetsAreCompleteButForTheirData(String name) {
    TrainingPlan preset = PlanFiles.preset(name);
    assertThat(preset.data()).isNull();
    TrainingPlan plan = PlanFiles.with(preset, "data", "folder:photos");
    assertThat(PlanValidation.validate(plan)).isSameAs(plan);
  }

  @Test
  void deepClusterPresetHasThePublishedValues() {
    TrainingPlan plan = PlanFiles.preset("deepcluster");
    assertThat(plan.clustering())
        .isEqualTo(new TrainingPlan.ClusteringPlan(10000, 20, "random", 256, 1e-6, "faiss", 1));
    assertThat(plan.optimizer())
        .isEqualTo(new TrainingPlan.OptimizerPlan("sgd", 0.05, 0.9, 1e-5, "constant"));
    assertThat(plan.headOptimizer())
        .isEqualTo(new TrainingPlan.OptimizerPlan("sgd", 0.05, 0, 1e-5, "constant"));
    assertThat(plan.schedule().epochs()).isEqualTo(200);
    assertThat(plan.schedule().batchSize()).isEqualTo(256);
    assertThat(plan.image().sobel()).isTrue();
    assertThat(plan.image().mean()).containsExactly(0.485f, 0.456f, 0.406f);
    assertThat(plan.encoder().embedding()).isEqualTo(4096);
  }

  @Test
  void unknownPresetIsNamedWithTheNearest() {
    assertThatThrownBy(() -> PlanFiles.preset("deepcluster-smal"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown preset 'deepcluster-smal'; did you mean 'deepcluster-small'? accepted: "
                + String.join(", ", PlanFiles.presets()));
  }

  @Test
  void yamlGivesAnEqualPlanBack() {
    TrainingPlan plan = SMALL;
    // Texts that YAML would like to take for something else, and numbers at the edges.
    plan = PlanFiles.with(plan, "data", "folder:/a b/c: d # e?split=train");
    plan = PlanFiles.with(plan, "encoder.weights", "no");
    plan = PlanFiles.with(plan, "seed", "-9223372036854775808");
    plan = PlanFiles.with(plan, "optimizer.weightDecay", "4.9e-324");
    plan = PlanFiles.with(plan, "image.deviation", "[0.1, 3.4028235e38, 1.17549435e-38]");
    assertThat(plan.image().deviation()).containsExactly(0.1f, Float.MAX_VALUE, Float.MIN_NORMAL);
    assertThat(PlanFiles.fromYaml(PlanFiles.toYaml(plan))).isEqualTo(plan).hasSameHashCodeAs(plan);
    for (String text : new String[] {"1e3", "true", "12:30", "~", "- x", "'", "\"", "é"}) {
      TrainingPlan odd = PlanFiles.with(plan, "encoder.weights", text);
      assertThat(odd.encoder().weights()).isEqualTo(text);
      assertThat(PlanFiles.fromYaml(PlanFiles.toYaml(odd))).isEqualTo(odd);
    }
  }

  @Test
  void plansDifferWhenTheirNormalisationDiffers() {
    assertThat(PlanFiles.with(SMALL, "image.mean", "[0.5]")).isNotEqualTo(SMALL);
  }

  @Test
  void aPlanCannotBeChangedThroughItsArrays() {
    SMALL.image().mean()[0] = 7;
    assertThat(SMALL.image().mean()).containsExactly(0.286f);
  }

  @Test
  void mergeChangesWhatIsSaidAndNothingElse() {
    TrainingPlan merged =
        PlanFiles.merge(SMALL, "clustering:\n  k: 77\noptimizer: {weightDecay: 1e-4}\n");
    assertThat(merged.clustering().k()).isEqualTo(77);
    assertThat(merged.optimizer().weightDecay()).isEqualTo(1e-4);
    TrainingPlan back = PlanFiles.with(merged, "clustering.k=" + SMALL.clustering().k());
    assertThat(PlanFiles.with(back, "optimizer.weightDecay = 1e-5")).isEqualTo(SMALL);
    assertThat(PlanFiles.merge(SMALL, "")).isEqualTo(SMALL);
    assertThat(PlanFiles.merge(SMALL, "# only a remark\n")).isEqualTo(SMALL);
    assertThat(PlanFiles.merge(SMALL, Map.of("clustering", Map.of("k", 77))).clustering().k())
        .isEqualTo(77);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clustering.k           | 300          | 300",
        "augmentation.flip      | 0            | 0.0",
        "image.sobel            | true         | true",
        "encoder.weights        | null         | null",
        "encoder.weights        | a/b.pt       | a/b.pt",
        "schedule.epochs        | 2            | 2",
        "clustering.init        | kmeans++     | kmeans++",
        "seed                   | -4           | -4",
      })
  void settingsReachTheirField(String path, String value, String expected) throws Exception {
    Object section = PlanFiles.with(SMALL, path, value);
    for (String key : path.split("\\.")) {
      section = section.getClass().getMethod(key).invoke(section);
    }
    assertThat(String.valueOf(section)).isEqualTo(expected);
  }

  @Test
  void settingsTakeLists() {
    TrainingPlan plan = PlanFiles.with(SMALL, "image.mean=[0.5, 1e-1, 2]");
    assertThat(plan.image().mean()).containsExactly(0.5f, 0.1f, 2f);
  }

  private static AbstractThrowableAssert<?, ?> problem(String path, String value) {
    return assertThatThrownBy(() -> PlanFiles.with(SMALL, path, value))
        .isInstanceOf(InvalidPlanException.class);
  }

  @Test
  void unknownKeysNameTheNearest() {
    problem("clustering.itertions", "3")
        .hasMessage(
            "unknown key 'clustering.itertions'; did you mean 'clustering.iterations'?"
                + " accepted in clustering: k, iterations, init, whiten, eigenvalueFloor, empty,"
                + " everyEpochs");
    problem("clustring.k", "3").hasMessageContaining("did you mean 'clustering'?");
    // A key of another section.
    problem("epochs", "3").hasMessageContaining("did you mean 'schedule.epochs'?");
    problem("zzzzzzzz", "3").hasMessageStartingWith("unknown key 'zzzzzzzz'; accepted: method, ");
    problem("seed.x", "3").hasMessage("unknown key 'seed.x'; 'seed' has no keys of its own");
    assertThatThrownBy(() -> PlanFiles.merge(SMALL, "clustering:\n  kk: 3\nmehtod: x\n"))
        .hasMessageContaining("did you mean 'clustering.k'?")
        .hasMessageContaining("did you mean 'method'?");
  }

  @Test
  void wrongTypesNameKeyValueAndWhatIsAccepted() {
    problem("clustering.k", "many")
        .hasMessage("clustering.k is 'many'; accepted: a whole number below 2^31");
    problem("clustering.k", "3.5").hasMessageStartingWith("clustering.k is 3.5; accepted: a whole");
    problem("clustering.k", "3000000000").hasMessageStartingWith("clustering.k is 3000000000; ");
    problem("clustering.k", "").hasMessageStartingWith("clustering.k is ''; accepted");
    problem("clustering.k", "null").hasMessageStartingWith("clustering.k is null; accepted");
    problem("image.sobel", "1").hasMessage("image.sobel is 1; accepted: true or false");
    problem("augmentation.flip", "0x1p3").hasMessageContaining("accepted: a number");
    problem("image.mean", "0.5")
        .hasMessage("image.mean is 0.5; accepted: a list of numbers, for example [0.5]");
    problem("image.mean", "[a]").hasMessageStartingWith("image.mean is [\"a\"]; accepted: a list");
    problem("clustering", "5")
        .hasMessageStartingWith("clustering is 5; accepted: a section with the keys k, ");
    assertThatThrownBy(() -> PlanFiles.merge(SMALL, "method: null\n"))
        .hasMessage("method is null; accepted: text");
    assertThatThrownBy(() -> PlanFiles.merge(SMALL, "- a\n- b\n"))
        .hasMessageStartingWith("the plan is [\"a\",\"b\"]; accepted: a section");
    assertThatThrownBy(() -> PlanFiles.with(SMALL, "clustering.k"))
        .hasMessage("setting 'clustering.k'; accepted: key=value, for example clustering.k=300");
  }

  @Test
  void missingKeysOfAWholePlanAreListed() {
    String yaml = PlanFiles.toYaml(SMALL).replaceAll("(?m)^  (k|flip): .*\n", "");
    assertThatThrownBy(() -> PlanFiles.fromYaml(yaml))
        .isInstanceOfSatisfying(
            InvalidPlanException.class,
            e ->
                assertThat(e.problems())
                    .containsExactly("augmentation.flip is missing", "clustering.k is missing"));
  }

  @Test
  void brokenYamlNamesTheFileAndThePlace(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("my.yaml"), "clustering:\n  k: [1\n");
    assertThatThrownBy(() -> PlanFiles.mergeFile(SMALL, file))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageStartingWith(file + ": the plan is not YAML at line ");
    Files.writeString(file, "seed: 1\nseed: 2\n");
    assertThatThrownBy(() -> PlanFiles.mergeFile(SMALL, file)).hasMessageContaining("seed");
    Files.writeString(file, "seed: 5\n");
    assertThat(PlanFiles.mergeFile(SMALL, file).seed()).isEqualTo(5);
    assertThatThrownBy(() -> PlanFiles.mergeFile(SMALL, folder.resolve("none.yaml")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
