package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.dc4j.PlanEstimate;
import org.dc4j.TinyPictures;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where people write 3,5 and 1.200 the results still have 3.5 and 1,200. */
class LocaleOfOutputTest {
  @TempDir Path folder;
  private Locale before;

  @BeforeEach
  void toGermany() {
    before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void back() {
    Locale.setDefault(before);
  }

  @Test
  void clusterAndEval() {
    try (FloatMatrix x = FloatMatrix.allocate(6, 2)) {
      for (int row = 0; row < 6; row++) {
        x.set(row, row % 2, 1 + row);
      }
      NpyFile.writeFloatMatrix(folder.resolve("x.npy"), x);
    }
    NpyFile.writeInts(folder.resolve("y.npy"), new int[] {0, 1, 0, 1, 0, 1});
    Outcome clustered =
        CommandLineTest.run(
            "cluster",
            "--features=" + folder.resolve("x.npy"),
            "--k=2",
            "--out=" + folder.resolve("l.npy"));
    assertThat(clustered.out())
        .containsPattern("objective \\d+\\.\\d+ after \\d+ iterations, 0\\.");
    Outcome scored =
        CommandLineTest.run(
            "eval",
            "--labels=" + folder.resolve("y.npy"),
            "--clusters=" + folder.resolve("y.npy"),
            "--metrics=ari");
    assertThat(scored.out().strip()).isEqualTo("ari  1.0000");
  }

  @Test
  void estimate() {
    PlanEstimate estimate =
        new PlanEstimate(
            TinyPictures.plan(folder, 1),
            160,
            1000,
            new PlanEstimate.Times(0.5, 1.5, 2.5, 3.5, 0),
            new PlanEstimate.Memory(1 << 20, 0, 0, 0),
            new PlanEstimate.Device("cpu", 160, 160));
    assertThat(EstimateText.result(estimate).text())
        .containsPattern("train epoch +3\\.5 s")
        .doesNotContainPattern("\\d,\\d");
  }

  @Test
  void counts() throws Exception {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), 1200);
    Outcome outcome = CommandLineTest.run("data", "scan", "idx:" + pictures);
    assertThat(outcome.out()).contains(": 1,200 grey images of 16 x 16 pixels, 1200 readable");
  }
}
