package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dc4j cluster and dc4j eval on files, three far groups of points. */
class ClusterAndEvalTest {
  private static final int ROWS = 300;
  private static final int COLS = 8;

  @TempDir Path folder;

  @BeforeEach
  void writePoints() {
    var noise = new Seeds(1).stream("points");
    int[] classes = new int[ROWS];
    try (FloatMatrix x = FloatMatrix.allocate(ROWS, COLS)) {
      for (int i = 0; i < ROWS; i++) {
        classes[i] = i % 3;
        for (int j = 0; j < COLS; j++) {
          x.set(i, j, (float) (noise.nextDouble() + (j == classes[i] ? 50 : 0)));
        }
      }
      NpyFile.writeFloatMatrix(folder.resolve("x.npy"), x);
    }
    NpyFile.writeInts(folder.resolve("y.npy"), classes);
  }

  /** Runs a command line in which "@name" stands for a file of the folder. */
  private Outcome run(String line, String... more) {
    List<String> args = new ArrayList<>();
    for (String word : line.split(" ")) {
      args.add(word.replaceFirst("^@", folder + "/"));
    }
    args.addAll(List.of(more));
    return CommandLineTest.run(args.toArray(String[]::new));
  }

  private static JsonNode json(Outcome outcome) throws Exception {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out().strip().lines()).hasSize(1);
    return new ObjectMapper().readTree(outcome.out());
  }

  @Test
  void restartsAndRowsLeftOnDisk() throws Exception {
    String line = "cluster --features @x.npy --k 5 --seed 2 --json --out ";
    JsonNode once = json(run(line + "@1.npy"));
    JsonNode mapped = json(run(line + "@2.npy --mapped"));
    JsonNode best = json(run(line + "@3.npy --mapped --restarts 6"));
    JsonNode early = json(run(line + "@4.npy --tolerance 0.5"));
    assertThat(NpyFile.readInts(folder.resolve("2.npy")))
        .isEqualTo(NpyFile.readInts(folder.resolve("1.npy")));
    assertThat(mapped.get("objective")).isEqualTo(once.get("objective"));
    assertThat(best.get("objective").asDouble())
        .isLessThanOrEqualTo(once.get("objective").asDouble());
    assertThat(early.get("iterations").asInt()).isLessThan(once.get("iterations").asInt());
  }

  @Test
  void clusterWritesTheExactAssignmentToTheCentroidsItWrites() throws Exception {
    JsonNode found =
        json(
            run(
                "cluster --features @x.npy --k 3 --init kmeans++ --seed 5 --out @l.npy"
                    + " --centroids @c.npy --json"));
    assertThat(found.fieldNames())
        .toIterable()
        .containsExactly("k", "iterations", "objective", "empty", "seconds");
    assertThat(found.get("k").asInt()).isEqualTo(3);
    assertThat(found.get("empty").asInt()).isZero();
    assertThat(found.get("seconds").asDouble()).isPositive();
    int[] labels = NpyFile.readInts(folder.resolve("l.npy"));
    assertThat(labels).hasSize(ROWS).containsOnly(0, 1, 2);
    double objective = 0;
    try (FloatMatrix x = NpyFile.readFloatMatrix(folder.resolve("x.npy"));
        FloatMatrix c = NpyFile.readFloatMatrix(folder.resolve("c.npy"))) {
      for (int i = 0; i < ROWS; i++) {
        double nearest = Double.POSITIVE_INFINITY;
        int at = -1;
        for (int j = 0; j < 3; j++) {
          double distance = 0;
          for (int t = 0; t < COLS; t++) {
            double difference = (double) x.get(i, t) - c.get(j, t);
            distance += difference * difference;
          }
          if (distance < nearest) {
            nearest = distance;
            at = j;
          }
        }
        assertThat(labels[i]).isEqualTo(at);
        objective += nearest;
      }
    }
    assertThat(found.get("objective").asDouble()).isCloseTo(objective, within(1e-3 * objective));
    JsonNode scores =
        json(run("eval --labels @y.npy --clusters @l.npy --metrics nmi,ami,ari,accuracy --json"));
    for (String metric : new String[] {"nmi", "ami", "ari", "accuracy"}) {
      assertThat(scores.get(metric).asDouble()).as(metric).isEqualTo(1);
    }
  }

  @Test
  void sameSeedSameBytesWhateverTheThreads() throws Exception {
    run("cluster --features @x.npy --k 7 --seed 3 --threads 1 --out @a.npy --centroids @ac.npy");
    run("cluster --features @x.npy --k 7 --seed 3 --threads 2 --out @b.npy --centroids @bc.npy");
    assertThat(folder.resolve("b.npy")).hasSameBinaryContentAs(folder.resolve("a.npy"));
    assertThat(folder.resolve("bc.npy")).hasSameBinaryContentAs(folder.resolve("ac.npy"));
  }

  @Test
  void whiteningAndSphericalClusterUnitRows() throws Exception {
    for (String how : new String[] {"--whiten 2", "--algorithm spherical"}) {
      JsonNode found =
          json(
              run(
                  "cluster --features @x.npy --k 3 --init kmeans++ --out @l.npy --centroids @c.npy"
                      + " --json "
                      + how));
      // Unit rows: no squared distance can exceed 4.
      assertThat(found.get("objective").asDouble()).isBetween(0.0, 4.0 * ROWS);
      try (FloatMatrix c = NpyFile.readFloatMatrix(folder.resolve("c.npy"))) {
        assertThat(c.cols()).isEqualTo(how.startsWith("--whiten") ? 2 : COLS);
      }
      JsonNode scores = json(run("eval --labels @y.npy --clusters @l.npy --metrics ari --json"));
      assertThat(scores.get("ari").asDouble()).as(how).isEqualTo(1);
    }
  }

  @Test
  void clusterTellsWhatItDid() {
    Outcome outcome = run("cluster --features @x.npy --k 3 --out @l.npy");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).startsWith("300 rows x 8 in 3 clusters (0 empty), objective ");
    assertThat(outcome.err()).isEmpty();
  }

  private void fails(int exitCode, String message, String line) {
    Outcome outcome = run(line);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(exitCode);
    assertThat(outcome.err()).startsWith("dc4j: ").contains(message);
    assertThat(outcome.err().lines().filter(text -> text.startsWith("\tat "))).isEmpty();
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void badUsageIsTwo() {
    fails(2, "--k", "cluster --features @x.npy --out @l.npy");
    fails(2, "k is 301; accepted: 1..300", "cluster --features @x.npy --k 301 --out @l.npy");
    fails(2, "k is 0; accepted", "cluster --features @x.npy --k 0 --out @l.npy");
    fails(
        2,
        "--init is 'kmean++'; did you mean 'kmeans++'? accepted: random, kmeans++",
        "cluster --features @x.npy --k 3 --init kmean++ --out @l.npy");
    fails(
        2,
        "--algorithm is 'dbscan'; accepted: kmeans, spherical",
        "cluster --features @x.npy --k 3 --algorithm dbscan --out @l.npy");
    fails(
        2,
        "--whiten is 9; accepted: 0..8 for a matrix [300 x 8]",
        "cluster --features @x.npy --k 3 --whiten 9 --out @l.npy");
    fails(
        2,
        "--metrics is 'recal@1'; did you mean 'recall@K'? accepted: nmi, nmi-geometric,",
        "eval --labels @y.npy --embeddings @x.npy --metrics recal@1");
    fails(2, "--embeddings is missing", "eval --labels @y.npy --clusters @y.npy --metrics knn");
    fails(2, "give both or neither", "eval --labels @y.npy --train-labels @y.npy");
  }

  @Test
  void badDataIsThreeAndAMissingDeviceFour() throws Exception {
    fails(3, "none.npy: no such file", "cluster --features @none.npy --k 3 --out @l.npy");
    Files.writeString(folder.resolve("text.npy"), "this is no array");
    fails(3, "text.npy: is not an npy file", "cluster --features @text.npy --k 3 --out @l.npy");
    fails(3, "accepted is a matrix", "cluster --features @y.npy --k 3 --out @l.npy");
    NpyFile.writeInts(folder.resolve("short.npy"), new int[] {1, 2});
    fails(
        3,
        "short.npy: 2 labels for the 300 rows of ",
        "eval --embeddings @x.npy --labels @short.npy --metrics knn");
    try (FloatMatrix x = NpyFile.readFloatMatrix(folder.resolve("x.npy"))) {
      x.set(17, 2, Float.NaN);
      NpyFile.writeFloatMatrix(folder.resolve("nan.npy"), x);
    }
    fails(3, "row 17", "cluster --features @nan.npy --k 3 --out @l.npy");
    assertThat(folder.resolve("l.npy")).doesNotExist();
    fails(4, "cuda", "cluster --features @x.npy --k 3 --device cuda:99 --out @l.npy");
  }

  @Test
  void verboseAddsTheStack() {
    Outcome outcome = run("cluster --features @none.npy --k 3 --out @l.npy -v");
    assertThat(outcome.err()).contains("no such file").contains("\tat org.dc4j.format");
  }

  @Test
  void evalMeasuresNeighboursAndClustersByItself() throws Exception {
    JsonNode all = json(run("eval --embeddings @x.npy --labels @y.npy --json --seed 2"));
    assertThat(all.fieldNames())
        .toIterable()
        .containsExactly("nmi", "ami", "ari", "accuracy", "recall@1", "knn");
    assertThat(all.get("recall@1").asDouble()).isEqualTo(1);
    assertThat(all.get("knn").asDouble()).isEqualTo(1);
    Outcome text = run("eval --embeddings @x.npy --labels @y.npy --metrics recall@1,recall@20");
    assertThat(text.out()).isEqualToNormalizingNewlines("recall@1   1.0000\nrecall@20  1.0000\n");
  }

  @Test
  void knnLeavesTheRowItselfOutUnlessTrainingRowsVote() throws Exception {
    // Every row is alone in its class: all others are wrong about it, itself would be right.
    int[] alone = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      alone[i] = i;
    }
    NpyFile.writeInts(folder.resolve("alone.npy"), alone);
    String eval =
        "eval --embeddings @x.npy --labels @alone.npy --metrics knn --neighbours 1 --json";
    assertThat(json(run(eval)).get("knn").asDouble()).isZero();
    JsonNode own = json(run(eval + " --train-embeddings @x.npy --train-labels @alone.npy"));
    assertThat(own.get("knn").asDouble()).isEqualTo(1);
  }

  @Test
  void mapAndCmcLeaveOutMatchesOfTheSameCamera() throws Exception {
    String eval = "eval --embeddings @x.npy --labels @y.npy --metrics map,cmc@1,cmc@5 --json";
    JsonNode all = json(run(eval));
    assertThat(all.fieldNames()).toIterable().containsExactly("map", "cmc@1", "cmc@5");
    assertThat(all.get("map").asDouble()).isEqualTo(1);
    // Two of the three groups of one class: the far one is all that the other camera saw of it.
    int[] classes = new int[ROWS];
    int[] cameras = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      classes[i] = i % 3 == 2 ? 1 : 0;
      cameras[i] = i % 3;
    }
    NpyFile.writeInts(folder.resolve("y.npy"), classes);
    NpyFile.writeInts(folder.resolve("c.npy"), cameras);
    JsonNode seen = json(run(eval + " --cameras @c.npy"));
    assertThat(seen.get("map").asDouble()).isLessThan(1).isPositive();
    assertThat(json(run(eval)).get("cmc@1").asDouble()).isEqualTo(1);
    NpyFile.writeInts(folder.resolve("short.npy"), new int[] {1, 2});
    fails(
        3,
        "short.npy: 2 cameras for the 300 rows of ",
        "eval --embeddings @x.npy --labels @y.npy --metrics map --cameras @short.npy");
    cameras[3] = -1;
    NpyFile.writeInts(folder.resolve("c.npy"), cameras);
    fails(
        3,
        "camera -1 at index 3",
        "eval --embeddings @x.npy --labels @y.npy --metrics map --cameras @c.npy");
  }

  @Test
  void optionsThatWouldChangeNothingAreRefused() {
    String model = "eval --model @run --data folder:x --test folder:y ";
    for (String option :
        List.of(
            "--device cuda",
            "--threads 2",
            "--seed 4",
            "--metrics cmc@3",
            "--neighbours 1",
            "--temperature 0.1",
            "--clusters none.npy",
            "--cameras none.npy",
            "--train-embeddings none.npy")) {
      String name = option.split(" ")[0];
      fails(2, "dc4j: " + name + ": --protocol clusters measures its own", model + option);
    }
    fails(
        2,
        "dc4j: --train-embeddings, --train-labels: --protocol retrieval ranks",
        "eval --model @run --data folder:x --protocol retrieval --train-embeddings a"
            + " --train-labels b");
    fails(4, "cuda", "eval --labels @y.npy --clusters @y.npy --metrics nmi --device cuda:99");
  }

  @Test
  void lengthsThatDoNotFitNameTheFiles() {
    NpyFile.writeInts(folder.resolve("short.npy"), new int[] {1, 2});
    try (FloatMatrix narrow = FloatMatrix.allocate(2, COLS - 1)) {
      NpyFile.writeFloatMatrix(folder.resolve("narrow.npy"), narrow);
    }
    fails(
        3,
        "short.npy: 2 clusters for the 300 labels of " + folder.resolve("y.npy"),
        "eval --labels @y.npy --clusters @short.npy --metrics nmi");
    String eval = "eval --embeddings @x.npy --labels @y.npy ";
    fails(
        3,
        "short.npy: 2 clusters for the 300 rows of " + folder.resolve("x.npy"),
        eval + "--clusters @short.npy --metrics nmi,knn");
    fails(
        3,
        "short.npy: 2 labels for the 300 rows of " + folder.resolve("x.npy"),
        eval + "--train-embeddings @x.npy --train-labels @short.npy --metrics knn");
    fails(
        3,
        "narrow.npy: 7 columns, unlike the 8 of " + folder.resolve("x.npy"),
        eval + "--train-embeddings @narrow.npy --train-labels @short.npy --metrics knn");
    fails(2, "--metrics names none; accepted: nmi, ", eval + "--metrics ,");
  }

  @Test
  void noResultTakesThePlaceOfAnotherFile() throws Exception {
    byte[] before = Files.readAllBytes(folder.resolve("x.npy"));
    Path link = Files.createSymbolicLink(folder.resolve("link.npy"), folder.resolve("x.npy"));
    String cluster = "cluster --features @x.npy --k 3 ";
    fails(2, "--out is " + folder + "/./x.npy, the file of --features", cluster + "--out @./x.npy");
    fails(2, "--out is " + link + ", the file of --features", cluster + "--out @link.npy");
    fails(2, "the file of --features", cluster + "--out @l.npy --centroids @x.npy");
    fails(2, "the file of --out", cluster + "--out @l.npy --centroids @l.npy");
    fails(3, "/dev/null: ", cluster + "--out /dev/null");
    assertThat(folder.resolve("x.npy")).hasBinaryContent(before);
    assertThat(folder.resolve("l.npy")).doesNotExist();
  }

  @Test
  void whereTheResultGoesIsLookedAtFirst() {
    // Features that are not there would be found out later.
    fails(3, "no/l.npy: ", "cluster --features @none.npy --k 3 --out @no/l.npy");
    fails(3, "no/c.npy: ", "cluster --features @none.npy --k 3 --out @l.npy --centroids @no/c.npy");
  }

  @Test
  void rowsWithoutColumnsAreRefused() throws Exception {
    String dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 0), }";
    byte[] header = (dict + " ".repeat(117 - dict.length()) + "\n").getBytes();
    byte[] file = new byte[10 + header.length];
    System.arraycopy(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0}, 0, file, 0, 10);
    System.arraycopy(header, 0, file, 10, header.length);
    Files.write(folder.resolve("empty.npy"), file);
    String message = "empty.npy: holds 1000000000000 rows without a column";
    fails(3, message, "cluster --features @empty.npy --k 2 --out @l.npy");
    fails(3, message, "cluster --features @empty.npy --mapped --k 2 --out @l.npy");
    fails(3, message, "eval --embeddings @empty.npy --labels @y.npy");
  }

  @Test
  void protocolsSayWhatTheyNeed() {
    fails(
        2,
        "--protocol is 'reed'; did you mean 'reid'? accepted: clusters, retrieval, reid",
        "eval --model @run --data folder:x --protocol reed");
    fails(2, "scores --model on --data", "eval --model @run --protocol reid");
    fails(2, "--gallery is for --protocol reid", "eval --model @run --data folder:x --gallery y");
    fails(2, "--identities and --fonts are for kanji", "data fetch wesnoth --out @w --fonts all");
    fails(2, "--fonts is 'huge'; accepted: small, all", "data fetch kanji --out @k --fonts huge");
    fails(2, "2966 identities; accepted", "data fetch kanji --out @k --identities 2966");
  }
}
