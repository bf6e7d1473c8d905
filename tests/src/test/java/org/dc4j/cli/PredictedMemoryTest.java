package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dc4j.TinyPictures;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of their own, started as users start them: what train --dry-run said holds. */
class PredictedMemoryTest {
  private static final int IMAGES = 4000;

  @TempDir Path folder;
  private Path plan;

  @BeforeEach
  void writePlan() throws IOException {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), IMAGES);
    TrainingPlan small = TinyPictures.plan(pictures, 2);
    small = PlanFiles.with(small, "encoder.embedding", "128");
    small = PlanFiles.with(small, "clustering.k", "50");
    small = PlanFiles.with(small, "schedule.batchSize", "64");
    plan = Files.writeString(folder.resolve("small.yaml"), PlanFiles.toYaml(small));
  }

  /** Standard output of a command that must succeed. */
  private String dc4j(List<String> jvmOptions, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Dc4j.class.getName()));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(command + " did not end: " + Files.readString(err));
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readString(out);
  }

  private static long peakBytes(String json) throws IOException {
    return new ObjectMapper().readTree(json).get("peak_memory_bytes").asLong();
  }

  @Test
  void aRunPeaksWhereTheDryRunSaid() throws Exception {
    String config = "--config=" + plan;
    long predicted = peakBytes(dc4j(List.of(), "train", config, "--dry-run", "--json"));
    String run = "--out=" + folder.resolve("run");
    long measured = peakBytes(dc4j(List.of(), "train", config, run, "--quiet", "--json"));
    assertThat(measured).isCloseTo(predicted, within(predicted * 15 / 100));
  }

  @Test
  void trainingStartsWithAHeapThatDoesNotFollowTheLoad() throws Exception {
    assertThat(collectorOf("-XX:ActiveProcessorCount=2")).contains("Using Serial");
    assertThat(collectorOf("-XX:ActiveProcessorCount=8")).contains("Using Parallel");
  }

  @Test
  void chosenSettingsStay() throws Exception {
    assertThat(collectorOf("-XX:+UseG1GC")).contains("Using G1");
    assertThat(collectorOf("-XX:ActiveProcessorCount=2", "-Xmn100m")).contains("Using G1");
    // Too small to be divided.
    assertThat(collectorOf("-XX:ActiveProcessorCount=2", "-Xmx128m")).contains("Using G1");
  }

  /** What the JVM that did the work says of its heap. */
  private String collectorOf(String... options) throws Exception {
    Path log = folder.resolve("gc.log");
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-Xlog:gc*:file=" + log + "::filecount=0");
    dc4j(all, "train", "--config=" + plan, "--help");
    return Files.readString(log);
  }
}
