package org.dc4j.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checked safetensors header.
 *
 * @param entries tensors in the header's order
 * @param metadata free text by key
 * @param dataStart bytes before the first value
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {
  /** Longest header that the format's reference reader accepts. */
  private static final long MAX_BYTES = 100_000_000;

  /** Bytes per element of the types that other programs write and we do not read. */
  private static final Map<String, Integer> OTHER_TYPES =
      Map.of("BOOL", 1, "I8", 1, "I16", 2, "U16", 2, "F16", 2, "BF16", 2, "U32", 4, "U64", 8);

  /**
   * A tensor's place.
   *
   * @param dtype element type as the file names it
   * @param begin first byte, counted from the start of the values
   * @param end byte after the last
   */
  record Entry(String dtype, long[] shape, long begin, long end) {
    TensorData.Type type(Path file, String name) {
      for (TensorData.Type type : TensorData.Type.values()) {
        if (type.name().equals(dtype)) {
          return type;
        }
      }
      throw new FormatException(
          file,
          "tensor '%s' is of type %s; accepted are %s"
              .formatted(name, dtype, Arrays.toString(TensorData.Type.values())));
    }
  }

  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long length = channel.size();
    if (length < 8) {
      throw new FormatException(
          file, "is not a safetensors file: " + length + " bytes, expected at least 8");
    }
    ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    ChannelBytes.read(channel, 0, prefix);
    long headerBytes = prefix.getLong(0);
    if (headerBytes < 2 || headerBytes > MAX_BYTES) {
      throw new FormatException(
          file,
          "header of %s bytes; accepted are 2 to %d"
              .formatted(Long.toUnsignedString(headerBytes), MAX_BYTES));
    }
    if (8 + headerBytes > length) {
      throw new FormatException(
          file,
          "is cut off: expected %d bytes for its header, found %d"
              .formatted(8 + headerBytes, length));
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
    ChannelBytes.read(channel, 8, json);
    return parse(file, json.array(), length);
  }

  private static SafetensorsHeader parse(Path file, byte[] json, long length) {
    JsonNode root;
    try {
      root =
          JsonMapper.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .build()
              .readTree(json);
    } catch (JsonProcessingException e) {
      throw new FormatException(file, "header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new FormatException(file, "header is not UTF-8: " + e.getMessage(), e);
    }
    if (!root.isObject()) {
      throw new FormatException(file, "header is not a JSON object");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(SafetensorsFile.METADATA)) {
        readMetadata(file, field.getValue(), metadata);
      } else {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue()));
      }
    }
    long dataStart = 8L + json.length;
    checkPlaces(file, entries, length - dataStart);
    return new SafetensorsHeader(
        Collections.unmodifiableMap(entries), Collections.unmodifiableMap(metadata), dataStart);
  }

  private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new FormatException(
            file, "metadata '" + field.getKey() + "' is not a string, the only kind accepted");
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    }
  }

  private static Entry entry(Path file, String name, JsonNode node) {
    JsonNode dtype = node.path("dtype");
    if (!dtype.isTextual()) {
      throw bad(file, name, "has no dtype");
    }
    long[] shape = sizes(file, name, node, "shape");
    long[] offsets = sizes(file, name, node, "data_offsets");
    if (offsets.length != 2) {
      throw bad(file, name, "has " + offsets.length + " data_offsets, expected 2");
    }
    Entry entry = new Entry(dtype.textValue(), shape, offsets[0], offsets[1]);
    checkSize(file, name, entry);
    return entry;
  }

  private static long[] sizes(Path file, String name, JsonNode node, String key) {
    JsonNode list = node.path(key);
    if (!list.isArray()) {
      throw bad(file, name, "has no " + key);
    }
    long[] sizes = new long[list.size()];
    for (int i = 0; i < sizes.length; i++) {
      JsonNode size = list.get(i);
      if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
        throw bad(file, name, key + " " + list + ": expected integers from 0 to 2^63 - 1");
      }
      sizes[i] = size.longValue();
    }
    return sizes;
  }

  private static void checkSize(Path file, String name, Entry entry) {
    Integer bytes = OTHER_TYPES.get(entry.dtype());
    long expected = bytes == null ? entry.type(file, name).bytes() : bytes;
    try {
      for (long size : entry.shape()) {
        expected = Math.multiplyExact(expected, size);
      }
    } catch (ArithmeticException e) {
      throw bad(file, name, "shape " + Arrays.toString(entry.shape()) + " exceeds 2^63 bytes");
    }
    if (entry.end() - entry.begin() != expected) {
      throw bad(
          file,
          name,
          "data_offsets [%d, %d] hold %d bytes, %s %s needs %d"
              .formatted(
                  entry.begin(),
                  entry.end(),
                  entry.end() - entry.begin(),
                  entry.dtype(),
                  Arrays.toString(entry.shape()),
                  expected));
    }
  }

  /** The tensors must cover the file's values exactly: no overlap, no gap, nothing outside. */
  private static void checkPlaces(Path file, Map<String, Entry> entries, long dataBytes) {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long end = 0;
    String before = null;
    for (Map.Entry<String, Entry> tensor : inOrder) {
      Entry entry = tensor.getValue();
      if (entry.end() > dataBytes) {
        throw bad(
            file,
            tensor.getKey(),
            "ends at data byte %d, the file has %d (cut off?)".formatted(entry.end(), dataBytes));
      }
      if (entry.begin() < end) {
        throw bad(file, tensor.getKey(), "overlaps tensor '" + before + "'");
      }
      if (entry.begin() > end) {
        throw bad(file, tensor.getKey(), "leaves a gap before it, from data byte " + end);
      }
      end = entry.end();
      before = tensor.getKey();
    }
    if (end != dataBytes) {
      throw new FormatException(
          file, "%d data bytes, its tensors hold %d".formatted(dataBytes, end));
    }
  }

  private static FormatException bad(Path file, String name, String problem) {
    return new FormatException(file, "tensor '" + name + "' " + problem);
  }
}
