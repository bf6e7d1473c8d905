package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir Path folder;

  private static Map<String, Object> row(int epoch, double loss) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event", "epoch");
    row.put("epoch", epoch);
    row.put("loss", loss);
    return row;
  }

  @Test
  void appendsRowsInTheOrderOfTheirKeys() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      lines.append(row(1, 2.5));
      lines.append(Map.of("zebra", true, "ant", "a\n\"b\"", "bee", 3L));
      lines.append(row(2, Double.NaN));
      assertThat(lines.length()).isEqualTo(Files.size(file)); // flushed
    }
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {"event":"epoch","epoch":1,"loss":2.5}
            {"ant":"a\\n\\"b\\"","bee":3,"zebra":true}
            {"event":"epoch","epoch":2,"loss":null}
            """);
    List<Map<String, Object>> rows = JsonLines.read(file);
    assertThat(rows).hasSize(3);
    assertThat(rows.get(0)).isEqualTo(row(1, 2.5));
    assertThat(rows.get(0).keySet()).containsExactly("event", "epoch", "loss");
    assertThat(rows.get(2)).containsEntry("loss", null);
  }

  /** Cut at every byte of the last row, as a kill would: the rows before it survive. */
  @Test
  void aHalfWrittenLastLineIsIgnoredAndCutOff() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      lines.append(row(1, 2.5));
      lines.append(row(2, 2.25));
    }
    byte[] whole = Files.readAllBytes(file);
    int first = whole.length / 2 - 1;
    while (whole[first] != '\n') {
      first++;
    }
    for (int kept = first + 1; kept < whole.length; kept++) {
      Files.write(file, Arrays.copyOf(whole, kept));
      assertThat(JsonLines.read(file)).containsExactly(row(1, 2.5));
      try (JsonLines lines = JsonLines.open(file)) {
        assertThat(lines.length()).isEqualTo(first + 1);
        lines.append(row(2, 2.25));
      }
      assertThat(file).hasBinaryContent(whole);
    }
  }

  @Test
  void aLongHalfLineIsCutOff() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "{\"a\":1}\n{\"b\":\"" + "x".repeat(10_000));
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.length()).isEqualTo(8);
    }
    Files.writeString(file, "x".repeat(10_000));
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.length()).isZero();
    }
  }

  @Test
  void comesBackToACheckpoint() {
    Path file = folder.resolve("metrics.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      lines.append(row(1, 2.5));
      long checkpoint = lines.length();
      lines.append(row(2, 2.25));
      lines.append(row(3, 2.125));
      assertThatThrownBy(() -> lines.truncateTo(checkpoint - 1))
          .hasMessageContaining("is not the end of a row");
      assertThatThrownBy(() -> lines.truncateTo(lines.length() + 1))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("metrics.jsonl");
      lines.truncateTo(checkpoint);
      lines.append(row(2, 2));
      lines.sync();
      assertThat(JsonLines.read(file)).containsExactly(row(1, 2.5), row(2, 2));
      lines.truncateTo(0);
      assertThat(JsonLines.read(file)).isEmpty();
    }
  }

  @Test
  void badRowsAreErrors() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      assertThatThrownBy(() -> lines.append(Map.of("sizes", List.of(1, 2))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("value of 'sizes'");
      lines.close();
      assertThatThrownBy(() -> lines.append(row(1, 1))).isInstanceOf(IllegalStateException.class);
    }
    for (String bad : List.of("{\"a\":", "[1]", "null", "7", "{} {}")) {
      Files.writeString(file, "{\"a\":1}\n" + bad + "\n{\"a\":2}\n");
      assertThatThrownBy(() -> JsonLines.read(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("metrics.jsonl: line 2 is");
    }
  }
}
