package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dc4j.TinyPictures;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.config.PlanFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DryRunTest {
  private static final int EPOCHS = 5;

  @TempDir Path folder;
  private Path plan;

  @BeforeEach
  void writePlan() throws IOException {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), 160);
    plan = folder.resolve("small.yaml");
    Files.writeString(plan, PlanFiles.toYaml(TinyPictures.plan(pictures, EPOCHS)));
  }

  @Test
  void predictsTimeAndMemoryAndWritesNothing() throws IOException {
    Outcome outcome = CommandLineTest.run("train", "--config=" + plan, "--dry-run", "--json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    assertThat(found.get("images").asInt()).isEqualTo(160);
    assertThat(PlanFiles.fromYaml(found.get("plan").asText()))
        .isEqualTo(PlanFiles.fromYaml(Files.readString(plan)));
    double embed = found.get("embed_seconds").asDouble();
    double cluster = found.get("cluster_seconds").asDouble();
    double train = found.get("train_seconds").asDouble();
    assertThat(new double[] {embed, cluster, train}).doesNotContain(0);
    // Each epoch embeds, clusters and trains; the end clusters once more and embeds twice.
    assertThat(found.get("total_seconds").asDouble())
        .isCloseTo(
            found.get("scan_seconds").asDouble()
                + EPOCHS * (embed + cluster + train)
                + 2 * embed
                + cluster,
            within(1e-6));
    // Java with libtorch is never smaller, this data set never larger.
    assertThat(found.get("peak_memory_bytes").asLong()).isBetween(200L << 20, 4L << 30);
    assertThat(found.get("device").asText()).matches("(cpu|cuda)/.+ threads");
    assertThat(found.get("embedding_rows_at_once").asInt()).isEqualTo(160);
    assertThat(found.get("feature_rows_at_once").asInt()).isEqualTo(160);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void countsThePassesThatChooseAnEpoch() throws IOException {
    Outcome outcome =
        CommandLineTest.run(
            "train",
            "--config=" + plan,
            "--dry-run",
            "--json",
            "--select-on=idx:" + folder.resolve("pictures"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    // As many images as are trained on.
    assertThat(found.get("select_seconds").asDouble())
        .isCloseTo(found.get("embed_seconds").asDouble(), within(1e-9));
    assertThat(found.get("epoch_seconds").asDouble())
        .isCloseTo(
            2 * found.get("embed_seconds").asDouble()
                + found.get("cluster_seconds").asDouble()
                + found.get("train_seconds").asDouble(),
            within(1e-6));
  }

  @Test
  void printsThePlanAndATable() {
    Outcome outcome = CommandLineTest.run("train", "--config=" + plan, "--dry-run");
    assertThat(outcome.out())
        .contains(
            "k: 8",
            "160 images",
            "train epoch",
            "whiten and k-means",
            "peak",
            "device",
            "all rows");
  }

  @Test
  void refusesWhatTheRunWouldRefuse() {
    Outcome clusters = CommandLineTest.run("train", "--config=" + plan, "--dry-run", "--k=161");
    assertThat(clusters.exitCode()).isEqualTo(2);
    assertThat(clusters.err()).contains("clustering.k is 161");
    Outcome resumed = CommandLineTest.run("train", "--dry-run", "--resume", "--out=" + folder);
    assertThat(resumed.exitCode()).isEqualTo(2);
    assertThat(resumed.err()).contains("--dry-run looks at a new plan");
    Outcome nowhere = CommandLineTest.run("train", "--config=" + plan);
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err()).contains("--out is missing");
  }
}
