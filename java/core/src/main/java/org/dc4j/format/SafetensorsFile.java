package org.dc4j.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file open for reading: tensors by name, each read when asked for. Files may exceed
 * 2 GB, a single tensor may not. Owns the open file; safe for use by several threads.
 *
 * <p>Layout (github.com/huggingface/safetensors): 8 bytes little-endian header length, a JSON
 * header name → {dtype, shape, data_offsets} with optional "__metadata__" of strings, then the
 * values, row-major and little-endian, without gaps.
 */
public final class SafetensorsFile implements AutoCloseable {
  static final String METADATA = "__metadata__";

  /**
   * A whole file.
   *
   * @param tensors in the header's order
   * @param metadata free text by key
   */
  public record Contents(StateDict tensors, Map<String, String> metadata) {}

  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws FormatException naming file and tensor: bad length or JSON, offsets outside the file,
   *     overlaps or gaps, a size that does not match the shape
   */
  public static SafetensorsFile open(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          try {
            return new SafetensorsFile(file, channel, SafetensorsHeader.read(file, channel));
          } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
          }
        });
  }

  /** Reads all tensors and the metadata; errors as for {@link #open} and {@link #tensor}. */
  public static Contents read(Path file) {
    try (SafetensorsFile open = open(file)) {
      StateDict tensors = new StateDict();
      for (String name : open.names()) {
        tensors.put(name, open.tensor(name));
      }
      return new Contents(tensors, open.metadata());
    }
  }

  /** Names in the header's order. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Reads a tensor.
   *
   * @throws FormatException if there is no such tensor, if its type is none of TensorData's or if
   *     it exceeds 2 GB
   * @throws IllegalStateException after close
   */
  public TensorData tensor(String name) {
    if (!channel.isOpen()) {
      throw new IllegalStateException("file used after close");
    }
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new FormatException(file, "has no tensor '" + name + "'; it has " + names());
    }
    TensorData.Type type = entry.type(file, name);
    long bytes = entry.end() - entry.begin();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new FormatException(
          file, "tensor '%s' has %d bytes; accepted are less than 2 GB".formatted(name, bytes));
    }
    return FileErrors.reading(
        file,
        () -> {
          ByteBuffer data = ByteBuffer.allocate((int) bytes);
          ChannelBytes.read(channel, header.dataStart() + entry.begin(), data);
          return new TensorData(type, entry.shape(), data.flip());
        });
  }

  @Override
  public void close() {
    FileErrors.writing(file, channel::close);
  }

  /**
   * Writes tensors atomically. The header keeps the order given; the values are ordered by falling
   * element size, so that each tensor is aligned to its element type though the format allows no
   * gaps. The same input gives the same bytes.
   *
   * @param metadata free text by key, written in the map's order; may be empty
   */
  public static void write(Path file, StateDict tensors, Map<String, String> metadata) {
    List<Map.Entry<String, TensorData>> byAlignment =
        tensors.tensors().entrySet().stream()
            .sorted(Comparator.comparingInt(e -> -e.getValue().type().bytes()))
            .toList();
    Map<String, Long> begins = new LinkedHashMap<>();
    long end = 0;
    for (Map.Entry<String, TensorData> tensor : byAlignment) {
      begins.put(tensor.getKey(), end);
      end += tensor.getValue().data().remaining();
    }
    byte[] json = headerJson(tensors, begins, metadata);
    AtomicFiles.write(
        file,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          ChannelBytes.write(channel, length.putLong(json.length).flip());
          ChannelBytes.write(channel, ByteBuffer.wrap(json));
          for (Map.Entry<String, TensorData> tensor : byAlignment) {
            ChannelBytes.write(channel, tensor.getValue().data().duplicate());
          }
        });
  }

  /** The header, filled with blanks so that the values start at a multiple of 8 bytes. */
  private static byte[] headerJson(
      StateDict tensors, Map<String, Long> begins, Map<String, String> metadata) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    tensors
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (name.equals(METADATA)) {
                throw new IllegalArgumentException(
                    "a tensor cannot be named '" + METADATA + "': the format keeps that name");
              }
              ObjectNode entry = root.putObject(name).put("dtype", tensor.type().name());
              ArrayNode shape = entry.putArray("shape");
              for (long size : tensor.shape()) {
                shape.add(size);
              }
              long begin = begins.get(name);
              entry.putArray("data_offsets").add(begin).add(begin + tensor.data().remaining());
            });
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }
}
