package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no more, played by a limit on the size of a file. */
class DiskFullTest {
  private static final int ROWS = 60_000; // 240 kB of labels, above the limit of 100 KiB

  @TempDir Path folder;

  @Test
  void saysWhichFileAndLeavesTheOldOne() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    Path features = folder.resolve("x.npy");
    try (FloatMatrix x = FloatMatrix.allocate(ROWS, 2)) { // also unpacks the native libraries
      x.set(0, 0, 1);
      NpyFile.writeFloatMatrix(features, x);
    }
    Path labels = folder.resolve("labels.npy");
    Files.writeString(labels, "what was there");
    String command =
        "ulimit -f 100; exec '%s' -cp '%s' org.dc4j.cli.Dc4j cluster --features '%s' --k 2 --out '%s'"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                features,
                labels);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder("/bin/bash", "-c", command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(said).contains("cannot write " + labels + ": File too large");
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(labels).hasContent("what was there");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("x.npy", "labels.npy", "log");
    }
  }
}
