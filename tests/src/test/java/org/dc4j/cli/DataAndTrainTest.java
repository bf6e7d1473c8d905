package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cli.terminal.Terminal;
import org.dc4j.config.PlanFiles;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.Seeds;
import org.dc4j.train.StopSignal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dc4j data, train and embed on a folder of small pictures, one of them damaged. */
class DataAndTrainTest {
  private static final int PICTURES = 40;

  @TempDir Path folder;
  private Path pictures;

  @BeforeEach
  void drawPictures() throws Exception {
    pictures = Files.createDirectory(folder.resolve("pictures"));
    var noise = new Seeds(1).stream("pictures");
    for (int i = 0; i < PICTURES; i++) {
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      for (int x = 0; x < 28; x++) {
        for (int y = 0; y < 28; y++) {
          int stripes = (i % 2 == 0 ? x : y) / 3 % 2 * 150;
          image.getRaster().setSample(x, y, 0, stripes + noise.nextInt(100));
        }
      }
      ImageIO.write(image, "png", pictures.resolve("p%02d.png".formatted(i)).toFile());
    }
    Files.writeString(pictures.resolve("damaged.png"), "no picture");
  }

  private Outcome train(String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of("train", "--preset=deepcluster-small", "--data=folder:" + pictures));
    args.addAll(List.of("--out=" + folder.resolve("run"), "--threads=1", "--seed=4", "--k=4"));
    args.addAll(List.of("--epochs=1", "--batch-size=8", "--set=clustering.whiten=8"));
    args.addAll(List.of("--set", "evaluation.whiten=8"));
    args.addAll(List.of(more));
    return CommandLineTest.run(args.toArray(String[]::new));
  }

  @Test
  void scanListsWhatCannotBeRead() throws Exception {
    Outcome outcome = CommandLineTest.run("data", "scan", "folder:" + pictures, "--json");
    assertThat(outcome.exitCode()).isEqualTo(3);
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    assertThat(found.get("images").asInt()).isEqualTo(PICTURES + 1);
    assertThat(found.get("readable").asInt()).isEqualTo(PICTURES);
    assertThat(found.at("/unreadable/0/name").asText()).isEqualTo("damaged.png");
    assertThat(found.at("/unreadable/0/reason").asText()).contains("damaged.png");
    Files.delete(pictures.resolve("damaged.png"));
    Outcome sound = CommandLineTest.run("data", "scan", "folder:" + pictures);
    assertThat(sound.exitCode()).isZero();
    assertThat(sound.out()).isEqualToNormalizingNewlines(pictures + ": 40 images, 40 readable\n");
    for (String threads : new String[] {"100000", "-5"}) {
      Outcome many =
          CommandLineTest.run("data", "scan", "folder:" + pictures, "--threads=" + threads);
      assertThat(many.exitCode()).isEqualTo(2);
      assertThat(many.err()).contains("--threads is " + threads + "; accepted: 0..1024");
    }
  }

  @Test
  void dataErrorsTellWhatIsAccepted() {
    Outcome none = CommandLineTest.run("data", "scan", "folder:" + folder.resolve("none"));
    assertThat(none.exitCode()).isEqualTo(3);
    assertThat(none.err()).contains("none");
    Outcome bare = CommandLineTest.run("data", "scan", pictures.toString());
    assertThat(bare.exitCode()).isEqualTo(3);
    assertThat(bare.err()).contains("write folder:" + pictures);
    Outcome set = CommandLineTest.run("data", "fetch", "fashion-mnits", "--out=" + folder);
    assertThat(set.exitCode()).isEqualTo(2);
    assertThat(set.err()).contains("did you mean 'fashion-mnist'?");
    assertThat(CommandLineTest.run("data").exitCode()).isEqualTo(2);
  }

  @Test
  void trainThenEmbed() throws Exception {
    Outcome trained = train("--json");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    JsonNode metrics = new ObjectMapper().readTree(trained.out());
    assertThat(metrics.get("images").asInt()).isEqualTo(PICTURES);
    assertThat(metrics.get("skipped").asInt()).isEqualTo(1);
    Path run = folder.resolve("run");
    var plan = PlanFiles.fromYaml(Files.readString(run.resolve("plan.yaml")));
    assertThat(plan.clustering().k()).isEqualTo(4);
    assertThat(plan.clustering().whiten()).isEqualTo(8);
    assertThat(plan.seed()).isEqualTo(4);
    assertThat(plan.schedule().batchSize()).isEqualTo(8);

    Path out = folder.resolve("x.npy");
    Outcome embedded =
        CommandLineTest.run(
            "embed", "--model=" + run, "--data=folder:" + pictures, "--out=" + out, "--json");
    assertThat(embedded.exitCode()).as(embedded.err()).isZero();
    assertThat(embedded.err()).contains("skipped: ").contains("damaged.png");
    assertThat(Files.readAllLines(folder.resolve("x.ids.txt")))
        .hasSize(PICTURES)
        .startsWith("p00.png", "p01.png");
    try (FloatMatrix x = NpyFile.readFloatMatrix(out);
        FloatMatrix own = NpyFile.readFloatMatrix(run.resolve("embeddings.npy"))) {
      assertThat(x.rows()).isEqualTo(PICTURES);
      assertThat(x.toArray()).isEqualTo(own.toArray());
    }
    stoppedEmbedLeavesWhatWasThere(run, out);
    Outcome strict =
        CommandLineTest.run(
            "embed", "--model=" + run, "--data=folder:" + pictures, "--out=" + out, "--strict");
    assertThat(strict.exitCode()).isEqualTo(3);
  }

  private void stoppedEmbedLeavesWhatWasThere(Path run, Path out) throws Exception {
    byte[] before = Files.readAllBytes(out);
    StopSignal stop = new StopSignal();
    stop.request(); // Ctrl-C
    StringWriter err = new StringWriter();
    Session session =
        new Session(
            new PrintWriter(new StringWriter()), new PrintWriter(err), Terminal.silent(), stop);
    int exitCode =
        Dc4j.run(session, "embed", "--model=" + run, "--data=folder:" + pictures, "--out=" + out);
    assertThat(exitCode).isEqualTo(130);
    assertThat(err.toString()).contains("x.npy is as it was");
    assertThat(out).hasBinaryContent(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("pictures", "run", "x.npy", "x.ids.txt");
    }
  }

  @Test
  void whatCannotBeWrittenIsRefusedBeforeTheImagesAreRead() throws Exception {
    Path none = folder.resolve("none"); // no model: found out later than the place of the result
    String data = "--data=folder:" + pictures;
    Outcome parquet =
        CommandLineTest.run("embed", "--model=" + none, data, "--out=" + folder + "/x.parquet");
    assertThat(parquet.exitCode()).isEqualTo(2);
    assertThat(parquet.err()).contains("x.parquet; accepted: a name that ends in .npy");
    Outcome missing =
        CommandLineTest.run("embed", "--model=" + none, data, "--out=" + folder + "/no/x.npy");
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err()).contains("no/x.npy: ", "folder does not exist");
  }

  @Test
  void peakMemoryIsToldOnce() {
    Outcome outcome = train();
    assertThat(outcome.out()).containsOnlyOnce("peak memory ");
    assertThat(outcome.err()).doesNotContain("peak memory");
  }

  @Test
  void planErrorsAreUsageErrors() {
    assertThat(train("--k=1").exitCode()).isEqualTo(2);
    Outcome outcome = train("--set", "clustering.itertions=3");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("did you mean 'clustering.iterations'?");
    assertThat(train("--method=deepclster").err()).contains("did you mean 'deepcluster'?");
    assertThat(train("--resume").err()).contains("--resume continues by ");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void strictTrainingStopsAtTheDamagedFile() {
    Outcome outcome = train("--strict");
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.err()).contains("damaged.png");
  }

  @Test
  void aFolderThatIsNoRunIsBadData() {
    Outcome embed =
        CommandLineTest.run(
            "embed",
            "--model=" + folder,
            "--data=folder:" + pictures,
            "--out=" + folder + "/x.npy");
    assertThat(embed.exitCode()).isEqualTo(3);
    assertThat(embed.err()).contains("is not a finished run");
    Outcome resume = CommandLineTest.run("train", "--resume", "--out=" + folder);
    assertThat(resume.exitCode()).isEqualTo(3);
    assertThat(resume.err()).contains("holds no run to continue: plan.yaml is missing");
  }
}
