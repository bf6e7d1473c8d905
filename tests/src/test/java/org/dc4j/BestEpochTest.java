package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageFilesFixture;
import org.dc4j.format.StateDict;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights that are kept where labels choose the epoch. */
class BestEpochTest {
  private static final int STEPS = 10; // an epoch

  @TempDir Path folder;
  private TrainingPlan plan;

  @BeforeEach
  void draw() throws IOException {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), 16 * STEPS);
    // Steps so large that the last epoch is not the best.
    plan = PlanFiles.with(TinyPictures.plan(pictures, 3), "optimizer.learningRate", "0.3");
    plan = PlanFiles.with(plan, "evaluation.selectOn", "idx:" + pictures);
  }

  @Test
  void keepsTheWeightsOfTheLargestScore() throws IOException {
    Path run = folder.resolve("run");
    RecordedMessages messages = new RecordedMessages();
    TrainingReport report =
        Training.run(plan, run, TrainingOptions.defaults().withListener(messages));
    assertThat(messages.messages).anyMatch(text -> text.contains("is no test"));
    List<Double> scores = scores(run);
    int best = 0;
    for (int epoch = 1; epoch < scores.size(); epoch++) {
      best = scores.get(epoch) > scores.get(best) ? epoch : best;
    }
    assertThat(scores).hasSize(3);
    assertThat(report.metrics())
        .containsEntry("selected_epoch", best + 1)
        .containsEntry("selection_recall@1", scores.get(best));
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("weights chosen by the labels of", "Score that chooses the epoch");
    StateDict model = TrainedModel.encoderWeights(run.resolve("model.safetensors"));
    for (int epoch = 0; epoch < 3; epoch++) {
      Path checkpoint = run.resolve("checkpoints/step-%010d".formatted((epoch + 1) * STEPS));
      StateDict then = TrainedModel.encoderWeights(checkpoint.resolve("state.safetensors"));
      assertThat(sameBytes(model, then))
          .as("the model has the weights of epoch " + (epoch + 1))
          .isEqualTo(epoch == best);
    }
  }

  @Test
  void isTheSameAfterAStop() throws IOException {
    Path whole = folder.resolve("whole");
    Training.run(plan, whole, TrainingOptions.defaults());
    Path stopped = folder.resolve("stopped");
    StopSignal stop = new StopSignal();
    TrainingOptions options =
        new TrainingOptions(
            false, false, TrainingTest.stopAfter(2 * STEPS + 3, stop), stop, Probe.NONE, false);
    assertThatThrownBy(() -> Training.run(plan, stopped, options))
        .isInstanceOf(TrainingInterruptedException.class);
    Training.run(plan, stopped, TrainingOptions.defaults().withResume(true));
    TrainingTest.assertSameRun(stopped, whole);
  }

  @Test
  void refusesWhatCannotChoose() throws IOException {
    Path images = Files.createDirectories(folder.resolve("unlabelled"));
    Files.copy(
        folder.resolve("pictures/train-images-idx3-ubyte"),
        images.resolve("train-images-idx3-ubyte"));
    TrainingPlan without = PlanFiles.with(plan, "evaluation.selectOn", "idx:" + images);
    assertThatThrownBy(() -> Training.run(without, folder.resolve("x"), TrainingOptions.defaults()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no labels to choose an epoch by");
    assertThat(folder.resolve("x/plan.yaml")).as("a second try finds no run").doesNotExist();
    TrainingPlan wrong = PlanFiles.with(plan, "evaluation.selectOn", "pictures");
    assertThatThrownBy(() -> PlanValidation.validate(wrong))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("evaluation.selectOn");
  }

  /** Six images of two classes, a seventh without a label and an eighth that is damaged. */
  private Path labelled() throws IOException {
    Path set = Files.createDirectories(folder.resolve("labelled"));
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      byte[] png = ImageFilesFixture.halves("png", 16, 16, i % 2 == 0 ? 0xFFFFFF : 0, 0x101010 * i);
      Files.write(set.resolve(i + ".png"), i == 7 ? ImageFilesFixture.cut(png, 0.5) : png);
      list.append(i).append(".png ").append(i == 6 ? -1 : i % 2).append('\n');
    }
    return Files.writeString(set.resolve("list.txt"), list);
  }

  @Test
  void leavesOutWhatCannotBeScored() throws IOException {
    TrainingPlan by = PlanFiles.with(plan, "evaluation.selectOn", "list:" + labelled());
    RecordedMessages messages = new RecordedMessages();
    TrainingOptions options = TrainingOptions.defaults().withListener(messages);
    TrainingReport report = Training.run(by, folder.resolve("run"), options);
    assertThat(report.metrics()).containsKey("selected_epoch");
    assertThat(messages.messages)
        .anySatisfy(
            text ->
                assertThat(text)
                    .startsWith("skipped: ")
                    .contains("2 of 8 images cannot be used, first 6.png: label -1; accepted: 0"));
    TrainingOptions strict =
        new TrainingOptions(false, true, messages, new StopSignal(), Probe.NONE, false);
    assertThatThrownBy(() -> Training.run(by, folder.resolve("strict"), strict))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 of 8 images cannot be used");
    assertThat(folder.resolve("strict/plan.yaml")).doesNotExist();
  }

  @Test
  void refusesASetWithoutMatches() throws IOException {
    Path list = labelled();
    Files.writeString(list, "0.png 0\n1.png 1\n");
    TrainingPlan by = PlanFiles.with(plan, "evaluation.selectOn", "list:" + list);
    assertThatThrownBy(() -> Training.run(by, folder.resolve("x"), TrainingOptions.defaults()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no two images have the same label: it cannot choose an epoch");
  }

  @Test
  void aScoreThatFailsDoesNotCostTheEpoch() throws IOException {
    Path list = labelled();
    TrainingPlan by = PlanFiles.with(plan, "evaluation.selectOn", "list:" + list);
    Path whole = folder.resolve("whole");
    Training.run(by, whole, TrainingOptions.defaults());
    Path first = list.resolveSibling("0.png");
    Path away = list.resolveSibling("away");
    RecordedMessages moves =
        new RecordedMessages() {
          @Override
          public void start(String stage, long total) {
            if (stage.equals("epoch 1/3")) {
              move(first, away);
            }
          }
        };
    Path run = folder.resolve("run");
    TrainingOptions options = TrainingOptions.defaults().withListener(moves);
    assertThatThrownBy(() -> Training.run(by, run, options)).hasMessageContaining("0.png");
    assertThat(run.resolve("checkpoints/step-%010d".formatted(STEPS))).isDirectory();
    move(away, first);
    Training.run(by, run, TrainingOptions.defaults().withResume(true));
    TrainingTest.assertSameRun(run, whole);
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean sameBytes(StateDict a, StateDict b) {
    return a.tensors().keySet().equals(b.tensors().keySet())
        && a.tensors().keySet().stream()
            .allMatch(name -> a.get(name).data().equals(b.get(name).data()));
  }

  private static List<Double> scores(Path run) throws IOException {
    List<Double> scores = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode row = new ObjectMapper().readTree(line);
      scores.add(row.get("selection_recall@1").asDouble());
    }
    return scores;
  }
}
