package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/safetensors/all_types.safetensors");

  @TempDir Path folder;

  @Test
  void readsEveryTypeByTheFormatsDefinition() {
    SafetensorsFile.Contents contents = SafetensorsFile.read(GOLDEN);
    assertThat(contents.metadata())
        .containsExactly(Map.entry("method", "deepcluster"), Map.entry("note", "größer"));
    StateDict tensors = contents.tensors();
    assertThat(tensors.tensors().keySet())
        .containsExactly("fc.weight", "scale", "steps", "labels", "pixels", "none");
    assertThat(tensors.get("fc.weight").floats()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1, 1.25f);
    assertThat(tensors.get("fc.weight").shape()).containsExactly(2, 3);
    assertThat(tensors.get("scale").shape()).isEmpty();
    assertThat(tensors.get("scale").data().getDouble(0)).isEqualTo(0.1);
    assertThat(tensors.get("steps").longs()).containsExactly(1, -(1L << 40));
    assertThat(tensors.get("labels").ints()).containsExactly(3, -3, 0);
    assertThat(tensors.get("pixels").data().get(1) & 0xff).isEqualTo(255);
    assertThat(tensors.get("none").elements()).isZero();
  }

  private static StateDict sample() {
    byte[] pixels = {1, 2, 3};
    return new StateDict()
        .put("pixels", new TensorData(TensorData.Type.U8, new long[] {3}, ByteBuffer.wrap(pixels)))
        .put("weight", TensorData.of(new float[] {1.5f, -2, 3, 4}, 2, 2))
        .put("count", TensorData.of(new long[] {77}))
        .put("größe", TensorData.of(new int[] {5, 6}, 2))
        .put("none", TensorData.of(new float[0], 0));
  }

  @Test
  void writesWhatItReadsInTheOrderGivenAndTheSameBytes() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "\"quoted\"");
    metadata.put("a", "2");
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.write(file, sample(), metadata);
    byte[] bytes = Files.readAllBytes(file);
    SafetensorsFile.Contents back = SafetensorsFile.read(file);
    assertThat(back.tensors().tensors().keySet())
        .containsExactly("pixels", "weight", "count", "größe", "none");
    assertThat(back.metadata()).containsExactlyEntriesOf(metadata);
    assertThat(back.tensors().get("weight").floats()).containsExactly(1.5f, -2, 3, 4);
    assertThat(back.tensors().get("count").longs()).containsExactly(77);
    assertThat(back.tensors().get("count").shape()).isEmpty();
    assertThat(back.tensors().get("pixels").data().get(2)).isEqualTo((byte) 3);
    SafetensorsFile.write(file, back.tensors(), back.metadata());
    assertThat(file).hasBinaryContent(bytes);
  }

  @Test
  void readsSingleTensors() {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.write(file, sample(), Map.of());
    SafetensorsFile open = SafetensorsFile.open(file);
    try (open) {
      assertThat(open.names()).contains("größe");
      assertThat(open.metadata()).isEmpty();
      assertThat(open.tensor("größe").ints()).containsExactly(5, 6);
      assertThatThrownBy(() -> open.tensor("bias"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("model.safetensors: has no tensor 'bias'");
    }
    open.close();
    assertThatThrownBy(() -> open.tensor("größe")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anIndependentReaderAgrees() throws Exception {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.write(file, sample(), Map.of("k", "v"));
    JsonNode found = PythonReader.describe(file);
    assertThat(found.get("data_start").asInt() % 8).isZero();
    assertThat(found.get("metadata")).hasToString("{\"k\":\"v\"}");
    assertThat(found.get("tensors"))
        .hasToString(
            "{\"pixels\":{\"dtype\":\"|u1\",\"shape\":[3],\"values\":[1,2,3]},"
                + "\"weight\":{\"dtype\":\"<f4\",\"shape\":[2,2],\"values\":[1.5,-2.0,3.0,4.0]},"
                + "\"count\":{\"dtype\":\"<i8\",\"shape\":[],\"values\":[77]},"
                + "\"größe\":{\"dtype\":\"<i4\",\"shape\":[2],\"values\":[5,6]},"
                + "\"none\":{\"dtype\":\"<f4\",\"shape\":[0],\"values\":[]}}");
  }

  /** Each header goes with 16 data bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[3],'data_offsets':[4,16]}}"
            + "| tensor 'b' overlaps tensor 'a'",
        "{'a':{'dtype':'F32','shape':[5],'data_offsets':[0,20]}}"
            + "| tensor 'a' ends at data byte 20, the file has 16",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[4,16]}}"
            + "| tensor 'a' leaves a gap before it, from data byte 0",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}"
            + "| 16 data bytes, its tensors hold 12",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,16]}}"
            + "| data_offsets [0, 16] hold 16 bytes, F32 [3] needs 12",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[16,0]}}"
            + "| data_offsets [16, 0] hold -16 bytes, F32 [4] needs 16",
        "{'a':{'dtype':'F32','shape':[-4],'data_offsets':[0,16]}} | expected integers from 0",
        "{'a':{'dtype':'F32','shape':[4.0],'data_offsets':[0,16]}} | expected integers from 0",
        "{'a':{'dtype':'F32','shape':[9223372036854775807],'data_offsets':[0,16]}}"
            + "| tensor 'a' shape [9223372036854775807] exceeds 2^63 bytes",
        "{'a':{'dtype':'F4','shape':[4],'data_offsets':[0,16]}}"
            + "| tensor 'a' is of type F4; accepted are [F32, F64, I32, I64, U8]",
        "{'a':{'dtype':'BF16','shape':[8],'data_offsets':[0,16]}}"
            + "| tensor 'a' is of type BF16; accepted are [F32, F64, I32, I64, U8]",
        "{'a':{'shape':[4],'data_offsets':[0,16]}} | tensor 'a' has no dtype",
        "{'a':{'dtype':'F32','data_offsets':[0,16]}} | tensor 'a' has no shape",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0]}}"
            + "| tensor 'a' has 1 data_offsets, expected 2",
        "{'a':7} | tensor 'a' has no dtype",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]},"
            + "'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | header is not JSON",
        "{'__metadata__':{'k':1}} | metadata 'k' is not a string",
        "{'a' | header is not JSON",
        "{} x | header is not JSON",
        "[1] | header is not a JSON object",
      })
  void malformedHeadersNameFileAndTensor(String header, String message) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    Path file = raw(json.length, json, 16);
    assertThatThrownBy(() -> SafetensorsFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.safetensors")
        .hasMessageContaining(message);
  }

  /**
   * A sparse file: a tensor of 3 GB, which cannot be held, and a small one behind it, which can.
   */
  @Test
  void filesMayExceedTwoGigabytes() throws IOException {
    byte[] json =
        """
        {"big":{"dtype":"U8","shape":[3,1000000000],"data_offsets":[0,3000000000]},
        "half":{"dtype":"F16","shape":[2],"data_offsets":[3000000000,3000000004]},
        "small":{"dtype":"I32","shape":[1],"data_offsets":[3000000004,3000000008]}}"""
            .getBytes(StandardCharsets.UTF_8);
    Path file = raw(json.length, json, 0);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 42);
      channel.write(value, 8 + json.length + 3_000_000_004L);
    }
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      assertThat(open.tensor("small").ints()).containsExactly(42);
      assertThatThrownBy(() -> open.tensor("big"))
          .hasMessageContaining("tensor 'big' has 3000000000 bytes; accepted are less than 2 GB");
      assertThatThrownBy(() -> open.tensor("half"))
          .hasMessageContaining("tensor 'half' is of type F16; accepted are [F32,");
    }
  }

  @Test
  void absurdLengthsAreErrors() throws IOException {
    byte[] json = {'{', '}'};
    for (long length : new long[] {-1, 1, 100_000_001, 1L << 62}) {
      Path file = raw(length, json, 0);
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(
              "header of " + Long.toUnsignedString(length) + " bytes; accepted are 2 to 100000000");
    }
    Path file = raw(100, json, 0);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("is cut off: expected 108 bytes for its header, found 10");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("is not a safetensors file: 3 bytes");
  }

  /** Every prefix of a good file is an error, never a crash or a wrong tensor. */
  @Test
  void truncatedFilesAreErrors() throws IOException {
    byte[] whole = Files.readAllBytes(GOLDEN);
    Path file = folder.resolve("cut.safetensors");
    for (int kept = 0; kept < whole.length; kept++) {
      Files.write(file, Arrays.copyOf(whole, kept));
      assertThatThrownBy(() -> SafetensorsFile.read(file)).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void theMetadataNameIsReserved() {
    StateDict tensors = new StateDict().put("__metadata__", TensorData.of(new int[] {1}, 1));
    Path file = folder.resolve("model.safetensors");
    assertThatThrownBy(() -> SafetensorsFile.write(file, tensors, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file).doesNotExist();
  }

  private Path raw(long headerLength, byte[] json, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(headerLength).put(json);
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }
}
