package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.config.TrainingPlan;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every method: same seed, same bytes, also after a stop at any step. */
class EveryMethodTest {
  private static final int IMAGES = 160;
  private static final int EPOCHS = 3;
  // The first step, inside an epoch, the last of an epoch, inside the last one.
  private static final List<Integer> STOPS = List.of(1, 7, 10, 25);

  @TempDir static Path temporary;
  private static Path pictures;

  @BeforeAll
  static void draw() throws IOException {
    pictures = TinyPictures.write(temporary.resolve("pictures"), IMAGES);
  }

  @ParameterizedTest
  @MethodSource("org.dc4j.method.Methods#names")
  void sameBytesAgainAndAfterStops(String method) throws IOException {
    TrainingPlan plan = TinyPlans.of(method, pictures, EPOCHS);
    Path whole = temporary.resolve(method);
    Training.run(plan, whole, TrainingOptions.defaults());
    assertThat(Files.readAllLines(whole.resolve("metrics.jsonl")))
        .hasSize(EPOCHS)
        .allSatisfy(line -> assertThat(line).containsPattern("\"loss\":[0-9]"));
    Path again = temporary.resolve(method + "-again");
    Training.run(plan, again, TrainingOptions.defaults());
    TrainingTest.assertSameRun(again, whole);
    Path stopped = temporary.resolve(method + "-stopped");
    int done = 0;
    for (int stop : STOPS) {
      assertThatThrownBy(() -> Training.run(plan, stopped, stopAt(stop - done(stopped))))
          .as(method + " to be stopped after step " + stop)
          .isInstanceOf(TrainingInterruptedException.class);
      done = stop;
    }
    assertThat(done(stopped)).isEqualTo(done);
    Training.run(plan, stopped, TrainingOptions.defaults().withResume(true));
    TrainingTest.assertSameRun(stopped, whole);
  }

  /** Steps of the newest checkpoint. */
  private static int done(Path run) {
    String[] names = run.resolve("checkpoints").toFile().list();
    int most = 0;
    for (String name : names == null ? new String[0] : names) {
      most = Math.max(most, Integer.parseInt(name.substring("step-".length())));
    }
    return most;
  }

  private static TrainingOptions stopAt(int steps) {
    StopSignal stop = new StopSignal();
    return new TrainingOptions(
        true, false, TrainingTest.stopAfter(steps, stop), stop, Probe.NONE, false);
  }
}
