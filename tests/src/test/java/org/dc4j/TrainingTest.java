package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.NpyFile;
import org.dc4j.format.SafetensorsFile;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.train.Checkpoint;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;
import org.dc4j.train.TrainingListener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From images to a run folder, and the same bytes after a stop. */
class TrainingTest {
  private static final int IMAGES = 160;
  private static final List<String> RESULTS =
      List.of("model.safetensors", "model.json", "embeddings.npy", "ids.txt", "assignments.csv");

  @TempDir static Path temporary;
  static Path pictures;
  static Path whole;

  @BeforeAll
  static void trainUninterrupted() throws IOException {
    pictures = TinyPictures.write(temporary.resolve("pictures"), IMAGES);
    whole = temporary.resolve("whole");
    Training.run(TinyPictures.plan(pictures, 3), whole, TrainingOptions.defaults());
  }

  /** metrics.jsonl without its timings. */
  static String figures(Path run) throws IOException {
    return Files.readString(run.resolve("metrics.jsonl"))
        .replaceAll(",?\"[a-z_]+_seconds\":[^,}]*", "");
  }

  static void assertSameRun(Path run) throws IOException {
    assertSameRun(run, whole);
  }

  static void assertSameRun(Path run, Path whole) throws IOException {
    for (String name : RESULTS) {
      assertThat(run.resolve(name)).as(name).hasSameBinaryContentAs(whole.resolve(name));
    }
    assertThat(figures(run)).isEqualTo(figures(whole));
  }

  @Test
  void leavesEverythingARunPromises() throws IOException {
    for (String name : RESULTS) {
      assertThat(whole.resolve(name)).isNotEmptyFile();
    }
    assertThat(whole.resolve("plan.yaml")).isNotEmptyFile();
    assertThat(whole.resolve("report.html")).isNotEmptyFile();
    assertThat(Files.readAllLines(whole.resolve("assignments.csv"))).hasSize(IMAGES + 1);
    assertThat(Files.readAllLines(whole.resolve("metrics.jsonl")))
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).contains("\"loss\":", "\"epoch_seconds\":"));
    try (var checkpoints = Files.list(whole.resolve("checkpoints"))) {
      assertThat(checkpoints).hasSize(3);
    }
  }

  @Test
  void sameSeedSameBytes() throws IOException {
    Path again = temporary.resolve("again");
    Training.run(TinyPictures.plan(pictures, 3), again, TrainingOptions.defaults());
    assertSameRun(again);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 10, 13, 20, 29})
  void stoppedAndResumedEqualsUninterrupted(int afterSteps) throws IOException {
    Path run = temporary.resolve("stopped-" + afterSteps);
    TrainingPlan plan = TinyPictures.plan(pictures, 3);
    StopSignal stop = new StopSignal();
    TrainingOptions options =
        new TrainingOptions(false, false, stopAfter(afterSteps, stop), stop, Probe.NONE, false);
    assertThatThrownBy(() -> Training.run(plan, run, options))
        .isInstanceOf(TrainingInterruptedException.class)
        .hasMessageContaining("--resume");
    Training.run(plan, run, TrainingOptions.defaults().withResume(true));
    assertSameRun(run);
  }

  /** Requests a stop once that many training steps are done, counted over epochs. */
  static TrainingListener stopAfter(int steps, StopSignal stop) {
    return new TrainingListener() {
      private boolean training;
      private boolean begun; // an epoch first says how much of it was done before
      private int done;

      @Override
      public void start(String stage, long total) {
        training = stage.startsWith("epoch");
        begun = false;
      }

      @Override
      public void advance(long images) {
        if (training && begun && ++done == steps) {
          stop.request();
        }
        begun = true;
      }
    };
  }

  @Test
  void resumeOfAFinishedRunChangesNothing() throws IOException {
    Path run = temporary.resolve("finished");
    TrainingPlan plan = TinyPictures.plan(pictures, 3);
    Training.run(plan, run, TrainingOptions.defaults());
    Training.run(plan, run, TrainingOptions.defaults().withResume(true));
    assertSameRun(run);
  }

  @Test
  void withoutACheckpointItStartsOver() throws IOException {
    // As after a kill between the first epoch's row and its checkpoint.
    Path run = temporary.resolve("no-checkpoint");
    copyFolder(whole, run);
    AtomicFiles.deleteFolder(run.resolve("checkpoints"));
    Training.run(TinyPictures.plan(pictures, 3), run, TrainingOptions.defaults().withResume(true));
    assertSameRun(run);
  }

  /**
   * The first clustering sees running statistics of the training views, the weights as they were.
   */
  @Test
  void normWarmupMovesTheStatisticsAlone() throws IOException {
    TrainingPlan plan = TinyPictures.plan(pictures, 1);
    plan = PlanFiles.with(plan, "optimizer.learningRate", "1e-30"); // rounds to no step
    plan = PlanFiles.with(plan, "schedule.reassign", "0.1"); // one batch
    StateDict cold = trained(plan, "cold");
    StateDict warm = trained(PlanFiles.with(plan, "encoder.normWarmup", "160"), "warm");
    warm.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.contains("num_batches")) {
                assertThat(tensor.longs()).as(name).containsExactly(11);
                assertThat(cold.get(name).longs()).as(name).containsExactly(1);
              } else if (name.contains(".running_")) {
                assertThat(tensor.floats()).as(name).isNotEqualTo(cold.get(name).floats());
              } else if (name.startsWith("encoder.")) {
                assertThat(tensor.floats())
                    .as(name)
                    .containsExactly(cold.get(name).floats(), within(1e-20f));
              }
            });
  }

  private static StateDict trained(TrainingPlan plan, String name) throws IOException {
    Path run = temporary.resolve(name);
    Training.run(plan, run, TrainingOptions.defaults());
    return SafetensorsFile.read(run.resolve("model.safetensors")).tensors();
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepcluster", "odc"})
  void theHeadsRateFollowsItsOwnDecay(String method) throws IOException {
    // A rate of 0 from the second epoch on: DeepCluster's new head keeps its bias of 0, the head of
    // ODC, which lives on, that of the first epoch.
    TrainingPlan plan = TinyPlans.of(method, pictures, 1);
    plan = PlanFiles.with(plan, "optimizer.decay", "constant"); // whatever the epochs
    plan = PlanFiles.with(plan, "headOptimizer.decay", "step");
    plan = PlanFiles.with(plan, "headOptimizer.decayEpochs", "1");
    plan = PlanFiles.with(plan, "headOptimizer.decayFactor", "0");
    float[] first = headBias(plan, method + "-1");
    float[] second = headBias(PlanFiles.with(plan, "schedule.epochs", "2"), method + "-2");
    assertThat(first).isNotEqualTo(new float[first.length]);
    assertThat(second).isEqualTo(method.equals("odc") ? first : new float[second.length]);
  }

  private static float[] headBias(TrainingPlan plan, String name) throws IOException {
    Path run = temporary.resolve("head-" + name);
    Training.run(plan, run, TrainingOptions.defaults());
    return Checkpoint.latest(run.resolve("checkpoints"))
        .orElseThrow()
        .state()
        .get("method.head.bias")
        .floats();
  }

  @Test
  void refusesToOverwriteARun() {
    assertThatThrownBy(
            () -> Training.run(TinyPictures.plan(pictures, 3), whole, TrainingOptions.defaults()))
        .hasMessageContaining("holds a run already; --resume continues it");
  }

  @Test
  void refusesACheckpointOfAnotherPlan() {
    TrainingPlan other = PlanFiles.with(TinyPictures.plan(pictures, 3), "clustering.k", "9");
    Path copy = temporary.resolve("other");
    assertThatThrownBy(
            () -> {
              copyFolder(whole, copy);
              Training.run(other, copy, TrainingOptions.defaults().withResume(true));
            })
        .hasMessageContaining("belongs to another run");
    assertThat(copy.resolve("plan.yaml")).hasSameBinaryContentAs(whole.resolve("plan.yaml"));
  }

  private static void copyFolder(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void startsFromGivenWeights() throws IOException {
    String model = whole.resolve("model.safetensors").toString();
    TrainingPlan plan = TinyPictures.plan(pictures, 1);
    plan = PlanFiles.with(plan, "encoder.weights", model);
    plan = PlanFiles.with(plan, "optimizer.learningRate", "1e-12");
    Path run = temporary.resolve("from-weights");
    Training.run(plan, run, TrainingOptions.defaults());
    String name = "encoder.features.0.weight";
    assertThat(SafetensorsFile.read(run.resolve("model.safetensors")).tensors().get(name).floats())
        .containsExactly(
            SafetensorsFile.read(whole.resolve("model.safetensors")).tensors().get(name).floats(),
            within(1e-6f));
    TrainingPlan missing = PlanFiles.with(plan, "encoder.weights", model + ".gone");
    assertThatThrownBy(
            () ->
                Training.run(missing, temporary.resolve("no-weights"), TrainingOptions.defaults()))
        .hasMessageContaining("model.safetensors.gone");
  }

  @Test
  void saysWhatItLeftOutOfGivenWeights() {
    StateDict model = SafetensorsFile.read(whole.resolve("model.safetensors")).tensors();
    StateDict backbone = new StateDict();
    model
        .subset("encoder.")
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith("fc.")) {
                backbone.put(name, tensor);
              }
            });
    backbone.put("aux1.fc.bias", TensorData.of(new float[2], 2));
    Path file = temporary.resolve("backbone.safetensors");
    SafetensorsFile.write(file, backbone, Map.of());
    TrainingPlan plan =
        PlanFiles.with(TinyPictures.plan(pictures, 1), "encoder.weights", file.toString());
    RecordedMessages listener = new RecordedMessages();
    Path run = temporary.resolve("from-backbone");
    Training.run(plan, run, TrainingOptions.defaults().withListener(listener));
    assertThat(listener.messages)
        .contains("weights " + file + ": neck left as drawn; ignored aux1.fc.bias");
    TrainingPlan odd =
        PlanFiles.with(plan, "encoder.weights", run.resolve("odd.safetensors").toString());
    SafetensorsFile.write(run.resolve("odd.safetensors"), new StateDict(), Map.of());
    assertThatThrownBy(
            () -> Training.run(odd, temporary.resolve("odd"), TrainingOptions.defaults()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "odd.safetensors: tensor 'features.0.weight' of the backbone is missing");
  }

  @Test
  void optionsAreCheckedBeforeTheData() {
    TrainingPlan plan = TinyPictures.plan(Path.of("nowhere"), 1);
    assertThatThrownBy(
            () ->
                Training.run(
                    PlanFiles.with(plan, "options.temperature", "1"),
                    temporary.resolve("none"),
                    TrainingOptions.defaults()))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("unknown key 'options.temperature'");
    TrainingPlan odc = PlanFiles.with(PlanFiles.preset("odc-small"), "data", "idx:nowhere");
    assertThatThrownBy(() -> Training.estimate(PlanFiles.with(odc, "options.smalest", "3")))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("unknown key 'options.smalest'; did you mean 'options.smallest'?");
  }

  @Test
  void saysWhenTheDataCannotCarryThePlan() {
    TrainingPlan plan = TinyPictures.plan(pictures, 1);
    Path run = temporary.resolve("refused");
    assertThatThrownBy(
            () ->
                Training.run(
                    PlanFiles.with(plan, "clustering.k", "161"), run, TrainingOptions.defaults()))
        .hasMessageContaining("clustering.k is 161")
        .hasMessageContaining("accepted: 2..160");
    assertThatThrownBy(
            () ->
                Training.run(
                    PlanFiles.with(plan, "schedule.batchSize", "161"),
                    run,
                    TrainingOptions.defaults()))
        .hasMessageContaining("schedule.batchSize is 161")
        .hasMessageContaining("accepted: 2..160");
  }

  @Test
  void theModelEmbedsWhatItWroteDown() throws IOException {
    try (TrainedModel model = TrainedModel.open(whole);
        var rows = model.embeddings(DataSets.open(DataSpec.parse("idx:" + pictures)).images());
        var written = NpyFile.readFloatMatrix(whole.resolve("embeddings.npy"))) {
      assertThat(rows.toArray()).isEqualTo(written.toArray());
      assertThat(model.featureWidth()).isEqualTo(8);
    }
  }
}
