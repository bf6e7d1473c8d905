package org.dc4j.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An append-only file of flat JSON objects, one per line: a run's metrics. A row is handed to the
 * system in one write, so a kill loses at most the row being written; a half-written last line is
 * cut off when the file is opened and ignored when it is read. Owns the open file. Not thread-safe.
 */
public final class JsonLines implements AutoCloseable {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path file;
  private final FileChannel channel;
  private long length;

  private JsonLines(Path file, FileChannel channel, long length) {
    this.file = file;
    this.channel = channel;
    this.length = length;
  }

  /** Opens or creates a file, positioned after its last complete line. */
  public static JsonLines open(Path file) {
    JsonLines[] lines = new JsonLines[1];
    FileErrors.writing(
        file,
        () -> {
          FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          try {
            long length = completeBytes(channel);
            channel.truncate(length);
            channel.position(length);
            lines[0] = new JsonLines(file, channel, length);
          } catch (IOException e) {
            channel.close();
            throw e;
          }
        });
    return lines[0];
  }

  /** Bytes up to and with the last newline. */
  private static long completeBytes(FileChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(4096);
    long end = channel.size();
    while (end > 0) {
      long start = Math.max(0, end - chunk.capacity());
      chunk.clear().limit((int) (end - start));
      ChannelBytes.read(channel, start, chunk);
      for (int i = chunk.limit() - 1; i >= 0; i--) {
        if (chunk.get(i) == '\n') {
          return start + i + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  /**
   * Appends a row of strings, booleans, numbers and nulls. Keys keep the order of a LinkedHashMap
   * or SortedMap; those of any other map are sorted, so that the bytes depend on the row alone. A
   * NaN or infinite number, which JSON lacks, is written as null.
   */
  public void append(Map<String, ?> row) {
    checkOpen();
    boolean ordered = row instanceof LinkedHashMap || row instanceof SortedMap;
    Map<String, Object> flat = new LinkedHashMap<>();
    (ordered ? row : new TreeMap<>(row)).forEach((key, value) -> flat.put(key, flat(key, value)));
    FileErrors.writing(
        file,
        () -> {
          byte[] line = (JSON.writeValueAsString(flat) + "\n").getBytes(StandardCharsets.UTF_8);
          try {
            ChannelBytes.write(channel, ByteBuffer.wrap(line));
          } catch (IOException e) {
            channel.truncate(length); // a full disk leaves no half line
            throw e;
          }
          length += line.length;
        });
  }

  private static Object flat(String key, Object value) {
    if (value instanceof Double || value instanceof Float) {
      return Double.isFinite(((Number) value).doubleValue()) ? value : null;
    }
    if (value == null
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof String) {
      return value;
    }
    throw new IllegalArgumentException(
        "value of '%s' is a %s; accepted are strings, numbers, booleans and null"
            .formatted(key, value.getClass().getSimpleName()));
  }

  /** Bytes of all rows: what {@link #truncateTo} takes to come back to this point. */
  public long length() {
    checkOpen();
    return length;
  }

  /**
   * Drops the rows after the first {@code bytes} bytes: those written after a checkpoint.
   *
   * @throws FormatException if the file is shorter, or if {@code bytes} is not the end of a row
   */
  public void truncateTo(long bytes) {
    checkOpen();
    if (bytes < 0 || bytes > length) {
      throw new FormatException(file, "has %d bytes, cannot be cut to %d".formatted(length, bytes));
    }
    FileErrors.writing(
        file,
        () -> {
          if (bytes > 0) {
            ByteBuffer last = ByteBuffer.allocate(1);
            ChannelBytes.read(channel, bytes - 1, last);
            if (last.get(0) != '\n') {
              throw new FormatException(file, "byte " + bytes + " is not the end of a row");
            }
          }
          channel.truncate(bytes);
          channel.position(bytes);
          length = bytes;
        });
  }

  /** Forces all rows to disk. */
  public void sync() {
    checkOpen();
    FileErrors.writing(file, () -> channel.force(true));
  }

  /**
   * All complete rows of a file, keys in the file's order; blank lines are skipped.
   *
   * @throws FormatException if a line is not a JSON object; names the line
   */
  public static List<Map<String, Object>> read(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          List<Map<String, Object>> rows = new ArrayList<>();
          try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int number = 1;
            for (int next = in.read(); next >= 0; next = in.read()) {
              if (next != '\n') {
                line.write(next);
                continue;
              }
              String text = line.toString(StandardCharsets.UTF_8);
              if (!text.isBlank()) {
                rows.add(row(file, number, text));
              }
              line.reset();
              number++;
            }
          }
          return rows;
        });
  }

  private static Map<String, Object> row(Path file, int number, String text) {
    try {
      Map<String, Object> row =
          JSON.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
      if (row != null) {
        return row;
      }
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file, "line " + number + " is not a JSON object: " + e.getOriginalMessage(), e);
    }
    throw new FormatException(file, "line " + number + " is null, expected a JSON object");
  }

  private void checkOpen() {
    if (!channel.isOpen()) {
      throw new IllegalStateException("file used after close");
    }
  }

  @Override
  public void close() {
    FileErrors.writing(file, channel::close);
  }
}
