package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.dc4j.TinyPictures;
import org.dc4j.TinyPlans;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.method.Methods;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A training process killed (SIGKILL) or asked to end (SIGTERM) at any moment and resumed leaves
 * the same bytes.
 */
class KilledRunTest {
  private static final int EPOCHS = 6;
  private static final List<String> RESULTS =
      List.of("model.safetensors", "assignments.csv", "embeddings.npy");

  @TempDir static Path temporary;
  private static Path pictures;
  private static Path planFile;
  private static Path whole;

  /** Waits for the moment to kill; gives up when the process has ended. */
  private interface Moment {
    void await(Process child) throws Exception;
  }

  @BeforeAll
  static void trainUninterrupted() throws Exception {
    pictures = TinyPictures.write(temporary.resolve("pictures"), 160);
    TrainingPlan plan = TinyPictures.plan(pictures, EPOCHS);
    plan = PlanFiles.with(plan, "schedule.checkpointSteps", "3");
    planFile = Files.writeString(temporary.resolve("plan.yaml"), PlanFiles.toYaml(plan));
    whole = temporary.resolve("whole");
    Process child = start(whole, planFile);
    assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(child.exitValue()).as(log(whole)).isZero();
  }

  private static Process start(Path run, Path plan) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Dc4j.class.getName(), "train", "--out=" + run, "--quiet"));
    // Killed before it wrote its plan, a run has not begun.
    boolean begun = Files.exists(run.resolve("plan.yaml"));
    command.add(begun ? "--resume" : "--config=" + plan);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(logFile(run).toFile())
        .start();
  }

  private static Path logFile(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  private static String log(Path run) throws IOException {
    return Files.readString(logFile(run));
  }

  /** Kills a run at each of the moments, one after the other, and lets it finish. */
  private static void killAndFinish(Path run, List<Moment> moments) throws Exception {
    int kills = 0;
    for (Moment moment : moments) {
      Process child = start(run, planFile);
      moment.await(child);
      child.destroyForcibly();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      kills += child.exitValue() == 128 + 9 ? 1 : 0;
    }
    assertThat(kills).as("runs that were killed before they ended").isGreaterThanOrEqualTo(3);
    Process last = start(run, planFile);
    assertThat(last.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(last.exitValue()).as(log(run)).isZero();
  }

  private static Moment afterMillis(int millis) {
    return child -> child.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  private static Moment whenEpochIsWritten(Path run, int epoch) {
    Path metrics = run.resolve("metrics.jsonl");
    return child -> {
      while (child.isAlive() && epochs(metrics) < epoch) {
        Thread.sleep(1);
      }
    };
  }

  private static long epochs(Path metrics) throws IOException {
    return Files.exists(metrics)
        ? Files.readString(metrics).chars().filter(c -> c == '\n').count()
        : 0;
  }

  /** Some time after training has begun or gone on: a checkpoint newer than those of now. */
  private static Moment whileTraining(Path run, RandomStream random) {
    return child -> {
      Path checkpoints = run.resolve("checkpoints");
      List<String> before = names(checkpoints);
      while (child.isAlive() && names(checkpoints).equals(before)) {
        Thread.sleep(1);
      }
      child.waitFor(random.nextInt(150), TimeUnit.MILLISECONDS);
    };
  }

  private static List<String> names(Path folder) throws IOException {
    String[] names = folder.toFile().list();
    return names == null ? List.of() : Arrays.stream(names).sorted().toList();
  }

  private static String figures(Path run) throws IOException {
    return Files.readString(run.resolve("metrics.jsonl"))
        .replaceAll(",?\"[a-z_]+_seconds\":[^,}]*", "");
  }

  private static void assertSameAsUninterrupted(Path run) throws IOException {
    assertSame(run, whole);
    assertThat(figures(run)).hasLineCount(EPOCHS);
  }

  private static void assertSame(Path run, Path whole) throws IOException {
    for (String name : RESULTS) {
      assertThat(run.resolve(name)).as(name).hasSameBinaryContentAs(whole.resolve(name));
    }
    assertThat(figures(run)).isEqualTo(figures(whole));
  }

  @Test
  void endsInGoodOrderWhenAskedTo() throws Exception {
    Path run = temporary.resolve("asked");
    RandomStream random = new RandomStream(21);
    int asked = 0;
    for (int i = 0; i < 3; i++) {
      Process child = start(run, planFile);
      whileTraining(run, random).await(child);
      child.destroy(); // SIGTERM
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      if (child.exitValue() != 0) { // 0: it was through before the signal came
        assertThat(child.exitValue()).as(log(run)).isEqualTo(ExitCodes.INTERRUPTED);
        assertThat(log(run)).contains("interrupted: saving a checkpoint", "--resume continues");
        asked++;
      }
    }
    assertThat(asked).isPositive();
    Process last = start(run, planFile);
    assertThat(last.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(last.exitValue()).as(log(run)).isZero();
    assertSameAsUninterrupted(run);
  }

  @Test
  void leavesTheBytesOfAnUninterruptedRun() throws Exception {
    Path run = temporary.resolve("killed");
    RandomStream random = new RandomStream(20);
    killAndFinish(
        run,
        List.of(
            afterMillis(random.nextInt(1500)),
            whenEpochIsWritten(run, 1),
            whileTraining(run, random),
            whenEpochIsWritten(run, 4),
            whileTraining(run, random)));
    assertSameAsUninterrupted(run);
  }

  /** One kill each, every method at another moment: so many checkpoints written and a bit later. */
  @ParameterizedTest
  @MethodSource("org.dc4j.method.Methods#names")
  void everyMethodLeavesTheBytesOfAnUninterruptedRun(String method) throws Exception {
    TrainingPlan plan = TinyPlans.of(method, pictures, 3);
    plan = PlanFiles.with(plan, "schedule.checkpointSteps", "2");
    Path file = Files.writeString(temporary.resolve(method + ".yaml"), PlanFiles.toYaml(plan));
    Path uninterrupted = temporary.resolve(method);
    Training.run(plan, uninterrupted, TrainingOptions.defaults());
    int index = Methods.names().indexOf(method);
    RandomStream random = new RandomStream(30 + index);
    Path run = temporary.resolve(method + "-killed");
    int kills = 0;
    for (int attempt = 0; kills == 0 && attempt < 3; attempt++) {
      run = temporary.resolve(method + "-killed-" + attempt);
      kills = kill(start(run, file), run, 1 + (index * 3 + attempt) % 8, random.nextInt(40));
    }
    assertThat(kills).as(method + " killed before it ended").isEqualTo(1);
    Process last = start(run, file);
    assertThat(last.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(last.exitValue()).as(log(run)).isZero();
    assertSame(run, uninterrupted);
  }

  /** Kills a child once it has written so many checkpoints and some milliseconds have passed. */
  private static int kill(Process child, Path run, int checkpoints, int millis) throws Exception {
    Path folder = run.resolve("checkpoints");
    Set<String> seen = new HashSet<>();
    while (child.isAlive() && seen.size() < checkpoints) {
      seen.addAll(names(folder)); // old ones are deleted
      Thread.sleep(1);
    }
    child.waitFor(millis, TimeUnit.MILLISECONDS);
    child.destroyForcibly();
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return child.exitValue() == 128 + 9 ? 1 : 0;
  }
}
