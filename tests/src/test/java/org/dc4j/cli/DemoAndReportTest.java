package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dc4j.Comparison;
import org.dc4j.TinyPictures;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.config.PlanFiles;
import org.dc4j.eval.MeanAndDeviation;
import org.dc4j.eval.RepresentationScore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dc4j demo up to the training itself, its table, and dc4j report. */
class DemoAndReportTest {
  @TempDir static Path temporary;
  private static Path pictures;
  private static Path run;

  @BeforeAll
  static void train() throws IOException {
    pictures = TinyPictures.write(temporary.resolve("pictures"), 64);
    run = temporary.resolve("run");
    Training.run(TinyPictures.plan(pictures, 1), run, TrainingOptions.defaults());
  }

  private static String page(Path folder) throws IOException {
    return Files.readString(folder.resolve("report.html"));
  }

  @Test
  void reportHasThePicturesAgain() throws IOException {
    String before = page(run);
    assertThat(before).contains("data:image/png");
    Files.delete(run.resolve("report.html"));
    Outcome outcome = CommandLineTest.run("report", run.toString(), "--json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    assertThat(found.get("report").asText()).isEqualTo(run.resolve("report.html").toString());
    assertThat(page(run)).isEqualTo(before);
  }

  @Test
  void withoutItsDataTheReportSaysSoAndHasNoPictures() throws IOException {
    Path copy = temporary.resolve("moved");
    Files.createDirectory(copy);
    for (String name : new String[] {"ids.txt", "assignments.csv", "metrics.jsonl"}) {
      Files.copy(run.resolve(name), copy.resolve(name));
    }
    String plan = Files.readString(run.resolve("plan.yaml"));
    Files.writeString(
        copy.resolve("plan.yaml"), plan.replace("idx:" + pictures, "idx:" + copy + "/gone"));
    Outcome outcome = CommandLineTest.run("report", copy.toString());
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).contains("the report has no pictures: ").contains("gone");
    assertThat(page(copy)).doesNotContain("data:image/png");

    Path other = TinyPictures.write(temporary.resolve("fewer"), 40);
    Files.writeString(copy.resolve("plan.yaml"), plan.replace("idx:" + pictures, "idx:" + other));
    assertThat(CommandLineTest.run("report", copy.toString()).err())
        .contains("the data set has changed: image train/00040 of ids.txt");
  }

  @Test
  void reportOfNoRunIsBadData() {
    Outcome outcome = CommandLineTest.run("report", pictures.toString());
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.err()).contains("expected a run folder");
    assertThat(CommandLineTest.run("report", temporary + "/none").exitCode()).isEqualTo(3);
    assertThat(CommandLineTest.run("report").exitCode()).isEqualTo(2);
  }

  @Test
  void demoNeverTouchesAFolderThatIsNotItsOwn() throws IOException {
    Outcome again = CommandLineTest.run("demo", "--out", run.toString());
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("holds a run already: --resume continues it, --overwrite");
    Outcome resumed = CommandLineTest.run("demo", "--resume", "--out", run.toString());
    assertThat(resumed.exitCode()).isEqualTo(2);
    assertThat(resumed.err()).contains("was trained on idx:");
    for (String option : new String[] {"--overwrite", "--quiet"}) {
      Outcome foreign = CommandLineTest.run("demo", "--out", pictures.toString(), option);
      assertThat(foreign.exitCode()).isEqualTo(2);
      assertThat(foreign.err()).contains("holds files that are no dc4j run");
    }
    assertThat(pictures.resolve("data")).doesNotExist();
    assertThat(run.resolve("model.safetensors")).exists();
    Path none = temporary.resolve("none");
    Outcome nothing = CommandLineTest.run("demo", "--resume", "--out", none.toString());
    assertThat(nothing.exitCode()).isEqualTo(3);
    assertThat(nothing.err()).contains("holds no run to continue");
    assertThat(none).doesNotExist();
  }

  private static Path copyOfRun(String name) throws IOException {
    Path copy = temporary.resolve(name);
    try (Stream<Path> all = Files.walk(run)) {
      for (Path path : all.toList()) {
        Files.copy(path, copy.resolve(run.relativize(path).toString()));
      }
    }
    return copy;
  }

  private static List<String> tree(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(path -> folder.relativize(path).toString()).sorted().toList();
    }
  }

  @Test
  void overwriteDeletesNothingButADemosRun() throws IOException {
    Path trained = copyOfRun("precious");
    List<String> before = tree(trained);
    Outcome outcome = CommandLineTest.run("demo", "--overwrite", "--out", trained.toString());
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("was trained on idx:", "--overwrite deletes runs of the");
    assertThat(tree(trained)).isEqualTo(before);

    DemoImages images = new DemoImages(trained.resolve("data"));
    String plan = Files.readString(trained.resolve("plan.yaml"));
    Files.writeString(
        trained.resolve("plan.yaml"), plan.replace("idx:" + pictures, images.spec("train")));
    Files.writeString(trained.resolve("thesis.tex"), "years of work");
    Files.createDirectories(trained.resolve("notes/old"));
    before = tree(trained);
    outcome = CommandLineTest.run("demo", "--overwrite", "--out", trained.toString());
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("holds what no demo made: notes/, thesis.tex; move it");
    assertThat(tree(trained)).isEqualTo(before);
  }

  @Test
  void allThatARunMakesIsDeleted() throws IOException {
    Path made = copyOfRun("made");
    new DemoImages(made.resolve("data")).unpack();
    Files.writeString(made.resolve("results.json"), "{}");
    Files.writeString(made.resolve("run.lock"), "");
    Files.writeString(made.resolve(".dc4j-new-12-ab.model.json"), "of a killed writer");
    assertThat(tree(made)).contains("checkpoints", "metrics.jsonl", "data/LICENSE");
    EarlierDemo.delete(made);
    assertThat(tree(made)).containsExactly("");
  }

  @Test
  void resumeTakesNoPlanOptions() {
    Outcome outcome = CommandLineTest.run("demo", "--resume", "--epochs=3", "--out=" + run);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--resume continues by ");
  }

  @Test
  void demoPresetIsAWholePlan() {
    assertThat(PlanFiles.preset("demo").image().height()).isEqualTo(28);
  }

  @Test
  void theBestOfEachRowIsStarred() {
    String table =
        ComparisonTable.of(new Comparison(score(0.8, 0.5), score(0.7, 0.3), score(0.75, 0.6)));
    assertThat(table)
        .isEqualTo(
            """
                               raw pixels         untrained          trained
            k-NN accuracy      0.8000*            0.7000             0.7500
            recall at 1        0.8000*            0.7000             0.7500
            NMI                0.5000  ± 0.0100   0.3000  ± 0.0100   0.6000* ± 0.0100
            ARI                0.5000  ± 0.0100   0.3000  ± 0.0100   0.6000* ± 0.0100
            cluster accuracy   0.5000  ± 0.0100   0.3000  ± 0.0100   0.6000* ± 0.0100
            * best of the row; ± standard deviation over the seeds of k-means
            """);
  }

  private static RepresentationScore score(double knn, double other) {
    MeanAndDeviation clusters = new MeanAndDeviation(other, 0.01);
    return new RepresentationScore(knn, knn, clusters, clusters, clusters, clusters, 1);
  }
}
