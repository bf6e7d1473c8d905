package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.data.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FashionMnistTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"train, 1000, 9", "t10k, 200, 9"})
  void theShippedPartIsBalancedAndReal(String split, int perClass, int firstLabel)
      throws Exception {
    String at = "/org/dc4j/cli/fashion-mnist/" + split;
    try (InputStream images = getClass().getResourceAsStream(at + "-images-idx3-ubyte.gz");
        InputStream labels = getClass().getResourceAsStream(at + "-labels-idx1-ubyte.gz")) {
      DataSet set = IdxFolder.open(images, labels, split);
      assertThat(set.images().size()).isEqualTo(10 * perClass);
      assertThat(set.images().read(0).height()).isEqualTo(28);
      int[] counts = new int[10];
      long sum = 0;
      for (int id = 0; id < set.images().size(); id++) {
        counts[set.labels().orElseThrow()[id]]++;
        for (byte pixel : set.images().read(id).pixels()) {
          sum += pixel & 0xFF;
        }
      }
      assertThat(counts).containsOnly(perClass);
      // Both splits of the full set begin with an ankle boot; its mean pixel is 72.94.
      assertThat(set.labels().orElseThrow()[0]).isEqualTo(firstLabel);
      assertThat(sum / (784.0 * set.images().size())).isBetween(71.5, 74.5);
    }
    assertThat(getClass().getResourceAsStream("/org/dc4j/cli/fashion-mnist/LICENSE")).isNotNull();
  }

  @Test
  void missingProgramsAreNamedWithWhatToDo() {
    DebianPackages none = new DebianPackages("no-such-apt-get", "dpkg-deb", List.of("p"));
    assertThatThrownBy(() -> FashionMnist.fetch(folder, s -> {}, none))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no-such-apt-get cannot be started")
        .hasMessageContaining("By hand: put t10k-images-idx3-ubyte.gz")
        .hasMessageContaining(folder.toString());
  }

  @Test
  void refusalsAreQuoted() throws Exception {
    Path refusing = script("echo 403 Forbidden >&2; exit 100");
    DebianPackages source = new DebianPackages(refusing.toString(), "dpkg-deb", List.of("p"));
    List<String> steps = new ArrayList<>();
    assertThatThrownBy(() -> FashionMnist.fetch(folder.resolve("out"), steps::add, source))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("update failed: 403 Forbidden");
    assertThat(steps).contains("fetching Debian's package lists");
    assertThat(folder.resolve("out")).isEmptyDirectory();
  }

  @Test
  void aWrongFileIsNotInstalled() throws Exception {
    Path apt = script("touch p.deb");
    Path dpkg =
        script(
            "d=\"$3/usr/share/datasets/fashion-mnist\"; mkdir -p \"$d\"; for n in train t10k; do"
                + " echo x | gzip > $d/$n-images-idx3-ubyte.gz;"
                + " echo x | gzip > $d/$n-labels-idx1-ubyte.gz; done");
    DebianPackages source = new DebianPackages(apt.toString(), dpkg.toString(), List.of("p"));
    assertThatThrownBy(() -> FashionMnist.fetch(folder.resolve("out"), s -> {}, source))
        .hasMessageContaining("t10k-images-idx3-ubyte.gz: content has SHA-256")
        .hasMessageContaining("expected 5b4141f0");
    assertThat(folder.resolve("out")).isEmptyDirectory();
  }

  /** Needs a network: run with -Ddc4j.network=true. */
  @Test
  @EnabledIfSystemProperty(named = "dc4j.network", matches = "true")
  void theFullSetComesFromDebian() {
    List<String> steps = new ArrayList<>();
    FashionMnist.fetch(folder, steps::add);
    assertThat(FashionMnist.isComplete(folder)).isTrue();
    assertThat(DataSets.open(DataSpec.parse("fashion-mnist:" + folder)).images().size())
        .isEqualTo(60_000);
    assertThat(DataSets.open(DataSpec.parse("fashion-mnist:" + folder + "?split=test")).images())
        .extracting(images -> images.size())
        .isEqualTo(10_000);
    FashionMnist.fetch(folder, steps::add);
    assertThat(steps.get(steps.size() - 1)).contains("already");
  }

  private Path script(String body) throws Exception {
    Path file = Files.createTempFile(folder, "program", ".sh");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }
}
