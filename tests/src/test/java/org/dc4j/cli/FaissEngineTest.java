package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.faiss.Faiss;
import org.dc4j.faiss.NeedsFaiss;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dc4j cluster --engine faiss. */
class FaissEngineTest {
  private static final int ROWS = 400;
  private static final int COLS = 6;

  @TempDir Path folder;

  @BeforeEach
  void writePoints() {
    var noise = new Seeds(1).stream("points");
    try (FloatMatrix x = FloatMatrix.allocate(ROWS, COLS)) {
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++) {
          x.set(i, j, (float) (noise.nextDouble() + (j == i % 3 ? 5 : 0)));
        }
      }
      NpyFile.writeFloatMatrix(folder.resolve("x.npy"), x);
    }
  }

  private Outcome run(String line) {
    List<String> args = new ArrayList<>();
    for (String word : line.split(" ")) {
      args.add(word.replaceFirst("^@", folder + "/"));
    }
    return CommandLineTest.run(args.toArray(String[]::new));
  }

  @Test
  @NeedsFaiss
  void labelsAreTheExactAssignmentToTheCentroidsOfFaiss() throws Exception {
    for (String algorithm : new String[] {"kmeans", "spherical"}) {
      Outcome outcome =
          run(
              "cluster --engine faiss --features @x.npy --k 9 --seed 5 --iterations 7 --out @l.npy"
                  + " --centroids @c.npy --json --algorithm "
                  + algorithm);
      assertThat(outcome.err()).isEmpty();
      assertThat(outcome.exitCode()).isZero();
      JsonNode found = new ObjectMapper().readTree(outcome.out());
      assertThat(found.get("k").asInt()).isEqualTo(9);
      assertThat(found.get("iterations").asInt()).isEqualTo(7);
      assertThat(found.get("seconds").asDouble()).isPositive();
      try (DeviceContext reference = DeviceContext.open("reference", 1);
          FloatMatrix x = NpyFile.readFloatMatrix(folder.resolve("x.npy"));
          FloatMatrix c = NpyFile.readFloatMatrix(folder.resolve("c.npy"));
          IntVector labels = IntVector.allocate(ROWS)) {
        if (algorithm.equals("spherical")) {
          reference.kernels().normalizeRows(x, x);
        }
        double objective = reference.kernels().kmeansAssign(x, c, labels, null);
        assertThat(NpyFile.readInts(folder.resolve("l.npy"))).isEqualTo(labels.toArray());
        assertThat(found.get("objective").asDouble())
            .isCloseTo(objective, within(1e-6 * objective));
      }
    }
  }

  @Test
  @NeedsFaiss
  void refusesWhatFaissDoesNotDo() {
    fails(2, "takes --init random only", "--init kmeans++");
    fails(2, "takes --empty faiss only", "--empty farthest");
    fails(2, "k is 401; accepted: 1..400", "--k 401");
    fails(2, "iterations is 0; accepted: 1..", "--iterations 0");
  }

  @Test
  @NeedsFaiss
  void aDeviceThatFaissCannotUseIsFour() {
    String device = Faiss.whyNot("cuda").isEmpty() ? "cuda:99" : "cuda";
    fails(
        4, "--engine faiss --device " + device + ": " + Faiss.whyNot(device), "--device " + device);
    fails(2, "device is 'cudas'; FAISS takes cpu and cuda[:i]", "--device cudas");
  }

  @Test
  @NeedsFaiss
  void theDeviceFindsClustersAsGood() throws Exception {
    assumeTrue(Faiss.whyNot("cuda").isEmpty(), () -> "FAISS-GPU: " + Faiss.whyNot("cuda"));
    double[] objectives = new double[2];
    for (int i = 0; i < 2; i++) {
      Outcome outcome =
          run(
              "cluster --engine faiss --features @x.npy --k 9 --seed 5 --out @l.npy --json --device "
                  + (i == 0 ? "cpu" : "cuda"));
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      objectives[i] = new ObjectMapper().readTree(outcome.out()).get("objective").asDouble();
    }
    assertThat(objectives[1]).isCloseTo(objectives[0], within(0.05 * objectives[0]));
  }

  @Test
  void anEngineThatIsNotThereIsFour() {
    if (!Faiss.isAvailable()) {
      fails(4, "native/faiss-debian.sh", "--k 3");
    }
    Outcome outcome = run("cluster --engine fais --features @x.npy --k 3 --out @l.npy");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("--engine is 'fais'; did you mean 'faiss'? accepted: dc4j, faiss");
  }

  private void fails(int exitCode, String message, String more) {
    String k = more.startsWith("--k ") ? "" : "--k 3 ";
    Outcome outcome = run("cluster --engine faiss --features @x.npy --out @l.npy " + k + more);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(exitCode);
    assertThat(outcome.err()).startsWith("dc4j: ").contains(message);
    assertThat(outcome.out()).isEmpty();
  }
}
