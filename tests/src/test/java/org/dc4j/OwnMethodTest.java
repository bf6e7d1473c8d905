package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.method.CornerMethod;
import org.dc4j.method.Methods;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A method of one's own is one file and one line; all around it is there already. */
class OwnMethodTest {
  @TempDir Path folder;

  @Test
  void trainsEvaluatesAndResumesLikeAnyOther() throws IOException {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), 160);
    try (Methods.Added added =
        Methods.add("corners", CornerMethod.Options.class, CornerMethod::new)) {
      TrainingPlan plan = PlanFiles.with(TinyPictures.plan(pictures, 3), "method", "corners");
      plan = PlanFiles.with(plan, "options.corners", "4");
      plan = PlanFiles.with(plan, "optimizer.learningRate", "0.001");
      Path whole = folder.resolve("whole");
      TrainingReport report = Training.run(plan, whole, TrainingOptions.defaults());
      assertThat(report.metrics()).containsEntry("corners", 4);
      List<Double> losses = losses(whole);
      assertThat(losses.get(2)).isLessThan(losses.get(0));
      resumes(plan, whole);
      TrainingPlan wrong = PlanFiles.with(plan, "options.colours", "4");
      assertThatThrownBy(() -> Methods.check(wrong))
          .isInstanceOf(InvalidPlanException.class)
          .hasMessageContaining("options.colours");
      assertThatThrownBy(() -> Methods.add("corners", CornerMethod.Options.class, null))
          .hasMessageContaining("'corners' already");
    }
    assertThat(Methods.names()).doesNotContain("corners").contains("deepcluster");
  }

  private void resumes(TrainingPlan plan, Path whole) throws IOException {
    Path stopped = folder.resolve("stopped");
    StopSignal stop = new StopSignal();
    TrainingOptions options =
        new TrainingOptions(
            false, false, TrainingTest.stopAfter(13, stop), stop, Probe.NONE, false);
    assertThatThrownBy(() -> Training.run(plan, stopped, options))
        .isInstanceOf(TrainingInterruptedException.class);
    Training.run(plan, stopped, TrainingOptions.defaults().withResume(true));
    TrainingTest.assertSameRun(stopped, whole);
  }

  private static List<Double> losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> Double.valueOf(line.replaceAll(".*\"loss\":([0-9.E-]+).*", "$1")))
        .toList();
  }
}
