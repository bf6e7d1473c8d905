package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.TinyPictures;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths that were given from here are found from anywhere: plan.yaml has them whole. */
class RelativePathsTest {
  @TempDir Path folder;

  @Test
  void aPlanHasAbsolutePaths() throws Exception {
    PlanOptions options = new PlanOptions();
    options.preset = "deepcluster-small";
    options.weights = "w.safetensors";
    options.settings = List.of("evaluation.selectOn=idx:b/c?split=test");
    TrainingPlan plan = options.plan("folder:a", new CommonOptions());
    Path here = Path.of("").toAbsolutePath();
    assertThat(plan.data()).isEqualTo("folder:" + here.resolve("a"));
    assertThat(plan.encoder().weights()).isEqualTo(here.resolve("w.safetensors").toString());
    assertThat(plan.evaluation().selectOn())
        .isEqualTo("idx:" + here.resolve("b/c") + "?split=test");
  }

  @Test
  void runsOfEitherKindAreResumed() throws Exception {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), 32);
    Path relative = Path.of("").toAbsolutePath().relativize(pictures);
    TrainingPlan plan = TinyPictures.plan(relative, 1);
    Path old = folder.resolve("old"); // as the library keeps it: the caller's own words
    Training.run(plan, old, TrainingOptions.defaults());
    assertThat(Files.readString(old.resolve("plan.yaml"))).contains("\"idx:" + relative + "\"");

    Path file = Files.writeString(folder.resolve("plan.yaml"), PlanFiles.toYaml(plan));
    Path fresh = folder.resolve("fresh");
    Outcome outcome = CommandLineTest.run("train", "--config=" + file, "--out=" + fresh);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    TrainingPlan written = PlanFiles.readFile(fresh.resolve("plan.yaml"));
    assertThat(written.data()).isEqualTo("idx:" + relative.toAbsolutePath());
    assertThat(fresh.resolve("model.safetensors"))
        .hasSameBinaryContentAs(old.resolve("model.safetensors"));
    for (Path run : new Path[] {old, fresh}) {
      Outcome resumed = CommandLineTest.run("train", "--resume", "--out=" + run);
      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    }
  }
}
