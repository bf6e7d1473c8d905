package org.dc4j.format;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Comma-separated tables with a header row (RFC 4180, UTF-8): a field with a comma, quote or line
 * break is quoted, so image names of any kind survive. Both ways are streamed.
 */
public final class CsvFile {
  /** Takes the fields of one row, as many as the header has. */
  @FunctionalInterface
  public interface RowConsumer {
    void accept(List<String> fields);
  }

  private CsvFile() {}

  /** Writes a table atomically; each row has one value per column, written by toString. */
  public static void write(Path file, List<String> header, Stream<? extends List<?>> rows) {
    AtomicFiles.write(
        file,
        channel -> {
          BufferedWriter out =
              new BufferedWriter(
                  new OutputStreamWriter(
                      Channels.newOutputStream(channel), StandardCharsets.UTF_8));
          writeRow(out, header, header.size());
          for (Iterator<? extends List<?>> i = rows.iterator(); i.hasNext(); ) {
            writeRow(out, i.next(), header.size());
          }
          out.flush();
        });
  }

  private static void writeRow(BufferedWriter out, List<?> row, int columns) throws IOException {
    if (row.size() != columns) {
      throw new IllegalArgumentException(
          "row " + row + " has " + row.size() + " values, the header " + columns);
    }
    for (int i = 0; i < columns; i++) {
      String field = String.valueOf(row.get(i));
      boolean quoted = field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      out.write(i == 0 ? "" : ",");
      out.write(quoted ? '"' + field.replace("\"", "\"\"") + '"' : field);
    }
    out.write('\n');
  }

  /** The names of the columns. */
  public static List<String> header(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          try (BufferedReader in = reader(file)) {
            return header(file, in);
          }
        });
  }

  /**
   * Hands each row after the header to {@code consumer}, in file order.
   *
   * @throws FormatException naming the row if it has another number of fields than the header or a
   *     quote without end
   */
  public static void read(Path file, RowConsumer consumer) {
    FileErrors.reading(
        file,
        () -> {
          try (BufferedReader in = reader(file)) {
            int columns = header(file, in).size();
            long number = 2;
            for (List<String> row = row(file, number, in); row != null; number++) {
              if (row.size() != columns) {
                throw new FormatException(
                    file,
                    "row %d has %d fields, the header %d".formatted(number, row.size(), columns));
              }
              consumer.accept(row);
              row = row(file, number + 1, in);
            }
          }
          return null;
        });
  }

  /** Bytes that are not UTF-8 become U+FFFD: one odd file name must not hide a whole table. */
  private static BufferedReader reader(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
  }

  private static List<String> header(Path file, Reader in) throws IOException {
    List<String> header = row(file, 1, in);
    if (header == null) {
      throw new FormatException(file, "is empty, expected a header row");
    }
    return header;
  }

  /** The next row's fields, or null at the end. */
  private static List<String> row(Path file, long number, Reader in) throws IOException {
    int next = in.read();
    if (next < 0) {
      return null;
    }
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    boolean afterQuote = false;
    for (; quoted || (next >= 0 && next != '\n'); next = in.read()) {
      if (next < 0) {
        throw new FormatException(file, "row " + number + " has a quote without end");
      }
      if (next == '"') {
        if (afterQuote) {
          field.append('"'); // two quotes inside quotes stand for one
        }
        afterQuote = quoted;
        quoted = !quoted;
        continue;
      }
      afterQuote = false;
      if (next == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else if (next != '\r' || quoted) {
        field.append((char) next);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
