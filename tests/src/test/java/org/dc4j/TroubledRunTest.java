package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageFilesFixture;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.train.Checkpoint;
import org.dc4j.train.TrainingDivergedException;
import org.dc4j.train.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that meet with something on the way: what they say, and that nothing is lost. */
class TroubledRunTest {
  @TempDir Path folder;

  private TrainingPlan plan(int epochs) throws IOException {
    return TinyPictures.plan(TinyPictures.write(folder.resolve("pictures"), 160), epochs);
  }

  @Test
  void divergenceSaysWhereAndWhatToDo() throws IOException {
    TrainingPlan hot = PlanFiles.with(plan(3), "optimizer.learningRate", "1000");
    hot = PlanFiles.with(hot, "optimizer.weightDecay", "1"); // times -999 a step
    TrainingPlan steep = PlanFiles.with(hot, "optimizer.decay", "constant");
    assertThatThrownBy(() -> Training.run(steep, folder.resolve("run"), TrainingOptions.defaults()))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageMatching(
            "epoch [12], step \\d+, learning rate 1000\\.0: training has diverged \\(.*\\);"
                + " start again with a smaller optimizer\\.learningRate, or with .*");
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    TrainingPlan plan = plan(3);
    Path whole = folder.resolve("whole");
    Training.run(plan, whole, TrainingOptions.defaults());
    Path run = folder.resolve("run");
    Training.run(plan, run, TrainingOptions.defaults());
    Path newest = run.resolve("checkpoints/step-0000000030");
    cut(newest.resolve("state.safetensors"));
    Files.delete(run.resolve("checkpoints/step-0000000020/position.json"));
    RecordedMessages messages = new RecordedMessages();
    TrainingOptions resume = TrainingOptions.defaults().withResume(true).withListener(messages);
    Training.run(plan, run, resume);
    TrainingTest.assertSameRun(run, whole);
    assertThat(messages.messages).hasSize(2);
    assertThat(messages.messages.get(0))
        .startsWith("checkpoint " + newest + " cannot be read, going back to step-0000000020: ")
        .contains("state.safetensors");
    assertThat(messages.messages.get(1)).contains("going back to step-0000000010: ");
  }

  @Test
  void whenAllCheckpointsAreDamagedNothingIsTrainedAgain() throws IOException {
    TrainingPlan plan = plan(1);
    Path run = folder.resolve("run");
    Training.run(plan, run, TrainingOptions.defaults());
    cut(run.resolve("checkpoints/step-0000000010/state.safetensors"));
    assertThatThrownBy(() -> Training.run(plan, run, TrainingOptions.defaults().withResume(true)))
        .hasMessageContaining("step-0000000010/state.safetensors");
  }

  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void imagesThatVanishCostNoStep() throws IOException {
    Path photos = Files.createDirectories(folder.resolve("photos"));
    for (int i = 0; i < 160; i++) { // ten batches: more than are loaded ahead
      byte[] png = ImageFilesFixture.halves("png", 16, 16, 0x010101 * i, 0xFFFFFF - 0x010101 * i);
      Files.write(photos.resolve(i + ".png"), png);
    }
    TrainingPlan plan = PlanFiles.with(plan(3), "data", "folder:" + photos);
    Path whole = folder.resolve("whole");
    Training.run(plan, whole, TrainingOptions.defaults());
    Path run = folder.resolve("run");
    // Away for the clustering of the first epoch, then two steps into the second.
    assertStopsWithoutPhotos(plan, run, photos, "embed", 0);
    assertThat(Checkpoint.latest(run.resolve("checkpoints"))).isEmpty();
    assertStopsWithoutPhotos(plan, run, photos, "epoch 2/3", 2 * 16);
    Checkpoint.Position saved =
        Checkpoint.latest(run.resolve("checkpoints")).orElseThrow().position();
    assertThat(saved.epoch()).isEqualTo(1);
    assertThat(saved.batch()).isGreaterThanOrEqualTo(2);
    Training.run(plan, run, TrainingOptions.defaults().withResume(true));
    TrainingTest.assertSameRun(run, whole);
  }

  /** Takes the photos away at a point of a stage and puts them back when the run has ended. */
  private void assertStopsWithoutPhotos(
      TrainingPlan plan, Path run, Path photos, String wanted, long images) {
    Path away = folder.resolve("away");
    TrainingListener thief =
        new TrainingListener() {
          private boolean there;

          @Override
          public void start(String stage, long total) {
            there = stage.equals(wanted);
            advance(0);
          }

          @Override
          public void advance(long done) {
            if (there && done >= images && Files.exists(photos)) {
              move(photos, away);
            }
          }
        };
    TrainingOptions options =
        TrainingOptions.defaults()
            .withListener(thief)
            .withResume(Files.exists(run.resolve("plan.yaml")));
    assertThatThrownBy(() -> Training.run(plan, run, options))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(".png: no such file; it could be read when the run began.")
        .hasMessageEndingWith("put the image back, --resume continues");
    move(away, photos);
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
