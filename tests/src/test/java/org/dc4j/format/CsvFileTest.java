package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
  @TempDir Path folder;

  private static List<List<String>> rows(Path file) {
    List<List<String>> rows = new ArrayList<>();
    CsvFile.read(file, rows::add);
    return rows;
  }

  @Test
  void oddNamesSurvive() throws IOException {
    Path file = folder.resolve("t.csv");
    List<String> names =
        List.of("a b", "x,y", "\"", "\"\"", "say \"hi\"", "line\nbreak\r\n", "", "größe", "'", ",");
    CsvFile.write(
        file, List.of("id", "name"), names.stream().map(name -> List.of(names.size(), name)));
    assertThat(CsvFile.header(file)).containsExactly("id", "name");
    assertThat(rows(file).stream().map(row -> row.get(1))).containsExactlyElementsOf(names);
    assertThat(Files.readString(file)).startsWith("id,name\n10,a b\n10,\"x,y\"\n10,\"\"\"\"\n");
  }

  @Test
  void readsFilesOfOtherPrograms() throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, "id,name\r\n1,\"a\"\"b\"\r\n2,c");
    assertThat(rows(file)).containsExactly(List.of("1", "a\"b"), List.of("2", "c"));
    Files.write(file, new byte[] {'a', '\n', (byte) 0xff, '\n'});
    assertThat(rows(file)).containsExactly(List.of("\ufffd"));
  }

  @Test
  void badTablesAreErrors() throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, "id,name\n1,a\n2\n");
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("t.csv: row 3 has 1 fields, the header 2");
    Files.writeString(file, "id,name\n1,\"a\n");
    assertThatThrownBy(() -> rows(file)).hasMessageContaining("row 2 has a quote without end");
    Files.writeString(file, "");
    assertThatThrownBy(() -> CsvFile.header(file)).hasMessageContaining("expected a header row");
    assertThatThrownBy(() -> CsvFile.write(file, List.of("a"), Stream.of(List.of(1, 2))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file).isEmptyFile();
  }
}
