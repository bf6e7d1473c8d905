package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.StartingModel;
import org.dc4j.TinyPictures;
import org.dc4j.TrainedModel;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageFilesFixture;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** dc4j eval --model with the protocols retrieval and reid: what stands beside the model. */
class ModelRetrievalTest {
  private static final String[] REPRESENTATIONS = {
    "whitened", "untrained", "raw_pixels", "colour_histogram"
  };

  @TempDir static Path temporary;
  private static Path pictures;
  private static Path first; // from random weights
  private static Path second; // from the weights that the first ended with

  @BeforeAll
  static void trainTwice() throws Exception {
    pictures = TinyPictures.write(temporary.resolve("pictures"), 64);
    first = temporary.resolve("first");
    TrainingPlan plan = TinyPictures.plan(pictures, 1);
    Training.run(plan, first, TrainingOptions.defaults());
    second = temporary.resolve("second");
    String weights = first.resolve("model.safetensors").toString();
    plan = PlanFiles.with(plan, "encoder.weights", weights);
    Training.run(plan, second, TrainingOptions.defaults());
  }

  private static JsonNode eval(Path run, String data, String protocol) throws Exception {
    Outcome outcome =
        CommandLineTest.run(
            "eval", "--model", run.toString(), "--data", data, "--protocol", protocol, "--json");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
    return new ObjectMapper().readTree(outcome.out());
  }

  @Test
  void theUntrainedNetworkIsTheOneTrainingBeganWith() throws Exception {
    JsonNode ofFirst = eval(first, "idx:" + pictures, "retrieval");
    JsonNode ofSecond = eval(second, "idx:" + pictures, "retrieval");
    for (String representation : REPRESENTATIONS) {
      assertThat(ofSecond.get(representation).fieldNames())
          .toIterable()
          .containsExactly("recall@1", "recall@2", "recall@4", "recall@8", "nmi");
    }
    ofSecond
        .get("untrained")
        .fields()
        .forEachRemaining(
            metric -> assertThat(metric.getValue()).isEqualTo(ofFirst.get(metric.getKey())));
    assertThat(ofSecond.get("untrained")).isNotEqualTo(ofFirst.get("untrained"));
  }

  /** As train and embed do; labels go with the images that are left. */
  @ParameterizedTest
  @ValueSource(strings = {"retrieval", "clusters"})
  void damagedAndUnlabelledImagesAreLeftOut(String protocol) throws Exception {
    Path set = Files.createDirectories(temporary.resolve("damaged-" + protocol));
    StringBuilder all = new StringBuilder();
    StringBuilder good = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      byte[] png = ImageFilesFixture.halves("png", 16, 16, 0x111111 * i, 0xFF0000 * (i % 2));
      Files.write(set.resolve(i + ".png"), i == 0 ? ImageFilesFixture.cut(png, 0.5) : png);
      String line = i + ".png " + (i == 5 ? -1 : i % 2) + "\n";
      all.append(line);
      good.append(i == 0 || i == 5 ? "" : line);
    }
    Files.writeString(set.resolve("all.txt"), all);
    Files.writeString(set.resolve("good.txt"), good);
    Outcome outcome = score(protocol, "list:" + set.resolve("all.txt"));
    assertThat(outcome.err())
        .contains("skipped: " + set.resolve("0.png"))
        .contains("skipped: 5.png: label -1; accepted: 0 or more");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).isEqualTo(score(protocol, "list:" + set.resolve("good.txt")).out());
  }

  private static Outcome score(String protocol, String data) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("eval", "--model", first.toString(), "--data", data));
    arguments.addAll(List.of("--protocol", protocol, "--json"));
    if (protocol.equals("clusters")) {
      arguments.addAll(List.of("--test", data));
    }
    return CommandLineTest.run(arguments.toArray(new String[0]));
  }

  @Test
  void startingModelsHaveTheWeightsOfTheSeedOrTheGivenOnes() {
    DataSet set = DataSets.open(DataSpec.parse("idx:" + pictures));
    try (TrainedModel trained = TrainedModel.open(first);
        StartingModel random = StartingModel.of(first);
        StartingModel given = StartingModel.of(second);
        FloatMatrix ofTrained = trained.embeddings(set.images());
        FloatMatrix ofRandom = random.embeddings(set.images());
        FloatMatrix ofGiven = given.embeddings(set.images())) {
      assertThat(ofGiven.toArray()).isEqualTo(ofTrained.toArray());
      assertThat(ofRandom.toArray()).isNotEqualTo(ofTrained.toArray());
    }
  }

  @Test
  void reidentificationHasTheColumnToo() throws Exception {
    Path query = Files.createDirectories(temporary.resolve("market/Market-1501-v15.09.15/query"));
    for (int identity = 1; identity <= 4; identity++) {
      for (int camera = 1; camera <= 2; camera++) {
        byte[] image =
            ImageFilesFixture.halves("jpg", 16, 16, 0x303030 * identity, 0x202020 * camera);
        Files.write(query.resolve("%04d_c%ds1_000001_00.jpg".formatted(identity, camera)), image);
      }
    }
    String data = "market1501:" + temporary.resolve("market") + "?split=query";
    JsonNode found = eval(first, data, "reid");
    for (String representation : REPRESENTATIONS) {
      assertThat(found.get(representation).fieldNames())
          .toIterable()
          .containsExactly("map", "cmc@1", "cmc@5", "cmc@10");
    }
    Outcome text =
        CommandLineTest.run(
            "eval", "--model", first.toString(), "--data", data, "--protocol", "reid");
    assertThat(text.out().lines().findFirst().orElseThrow())
        .containsSubsequence("embeddings", "whitened", "untrained", "raw pixels");
  }
}
