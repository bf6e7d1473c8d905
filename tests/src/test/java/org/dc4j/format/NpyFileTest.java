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
import org.dc4j.cluster.KMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyFileTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/npy");

  /** What the script put into f4_v*.npy: arange(12) / 4 - 1. */
  private static final float[] VALUES = {
    -1, -0.75f, -0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 1.5f, 1.75f
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"f4_v1.npy", "f4_v2.npy", "f4_v3.npy", "f8.npy"})
  void readsMatricesOfNumpy(String name) {
    try (FloatMatrix matrix = NpyFile.readFloatMatrix(GOLDEN.resolve(name))) {
      assertThat(matrix.rows()).isEqualTo(3);
      assertThat(matrix.cols()).isEqualTo(4);
      assertThat(matrix.toArray()).containsExactly(VALUES);
    }
  }

  @Test
  void readsAMatrixWithoutRows() {
    try (FloatMatrix matrix = NpyFile.readFloatMatrix(GOLDEN.resolve("no_rows.npy"))) {
      assertThat(matrix.rows()).isZero();
      assertThat(matrix.cols()).isEqualTo(5);
    }
  }

  @Test
  void readsVectorsOfNumpy() {
    assertThat(NpyFile.readInts(GOLDEN.resolve("i4.npy"))).containsExactly(0, 1, -7, 2147483647);
    assertThat(NpyFile.readInts(GOLDEN.resolve("i8.npy"))).containsExactly(0, 1, -7, 2147483647);
    assertThat(NpyFile.readInts(GOLDEN.resolve("u1.npy"))).containsExactly(0, 9, 200, 255);
    assertThat(NpyFile.readLongs(GOLDEN.resolve("i8_wide.npy"))).containsExactly(0, 1L << 40);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fortran.npy | Fortran (column-major) order; accepted is C order",
        "big_endian.npy | '>f4' is not supported; accepted are little-endian f4, f8, i4, i8, u1",
        "half.npy | '<f2' is not supported; accepted are little-endian f4, f8, i4, i8, u1",
        "bool.npy | '|b1' is not supported",
        "structured.npy | structured; accepted are arrays of little-endian f4",
        "cube.npy | f4 [2, 3, 4]; accepted is a matrix [rows x columns] of f4 or f8",
        "vector_f4.npy | f4 [3]; accepted is a matrix [rows x columns] of f4 or f8",
        "i4.npy | i4 [4]; accepted is a matrix",
        "f8_too_large.npy | 1.0E300 at row 1, column 1 does not fit a 32-bit float",
        "absent.npy | no such file"
      },
      quoteCharacter = '`')
  void namesTheFileAndWhatIsAccepted(String name, String message) {
    assertThatThrownBy(() -> NpyFile.readFloatMatrix(GOLDEN.resolve(name)).close())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(message);
  }

  @Test
  void vectorsMustBeIntegersThatFit() {
    assertThatThrownBy(() -> NpyFile.readInts(GOLDEN.resolve("i8_wide.npy")))
        .hasMessageContaining("value 1099511627776 at index 1 does not fit 32 bits");
    assertThatThrownBy(() -> NpyFile.readLongs(GOLDEN.resolve("vector_f4.npy")))
        .hasMessageContaining("f4 [3]; accepted is a vector [n] of i4, i8 or u1");
    assertThatThrownBy(() -> NpyFile.readInts(folder))
        .hasMessageContaining("is a folder, expected a file");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 9, 11, 60, 128, 175})
  void aTruncatedFileTellsExpectedAndActualBytes(int kept) throws IOException {
    byte[] whole = Files.readAllBytes(GOLDEN.resolve("f4_v1.npy"));
    Path file = folder.resolve("cut.npy");
    Files.write(file, Arrays.copyOf(whole, kept));
    assertThatThrownBy(() -> NpyFile.header(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cut.npy")
        .hasMessageContaining(
            kept < 10
                ? "is not an npy file"
                : "is cut off: expected %d bytes".formatted(kept < 128 ? 128 : whole.length))
        .hasMessageContaining(kept < 10 ? "" : "found " + kept);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'descr': '<f4', 'fortran_order': False} | lacks",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -1), } | expected a size >= 0",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), } | expected True or False",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1} | unknown key 'x'",
        "{'descr': '<f4, | string without end",
        "{'descr': '<f4' 'fortran_order' | expected ',' or '}'",
        "{'descr': | ends too early",
        "__import__('os') | expected '{'",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), } | 2^63",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } | size"
      })
  void malformedHeadersAreErrors(String header, String message) throws IOException {
    assertThatThrownBy(() -> NpyFile.header(withHeader(header)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("odd.npy")
        .hasMessageContaining(message);
  }

  @Test
  void headersOfPythonTwoAreRead() throws IOException {
    Path file = withHeader("{\"shape\": (0L, 4L,), \"fortran_order\": False, \"descr\": \"<f8\"}");
    NpyFile.Header header = NpyFile.header(file);
    assertThat(header.shape()).containsExactly(0, 4);
    assertThat(header.type()).isEqualTo(NpyFile.ElementType.F8);
  }

  private Path withHeader(String header) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(10 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) text.length).put(text);
    return Files.write(folder.resolve("odd.npy"), bytes.array());
  }

  @Test
  void clustersWhatStaysOnDisk() {
    Path file = folder.resolve("mapped.npy");
    RandomStream random = new RandomStream(3);
    float[] values = new float[3000 * 20];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    KMeans.Options options = KMeans.Options.of(25, 4);
    FloatMatrix mapped;
    try (FloatMatrix matrix = FloatMatrix.of(values, 3000, 20);
        DeviceContext context = DeviceContext.open("cpu", 2)) {
      NpyFile.writeFloatMatrix(file, matrix);
      mapped = NpyFile.mapFloatMatrix(file);
      assertThat(mapped.toArray()).containsExactly(values);
      try (KMeans.Result read = KMeans.fit(context.kernels(), matrix, options);
          KMeans.Result left = KMeans.fit(context.kernels(), mapped, options)) {
        assertThat(left.labels().toArray()).isEqualTo(read.labels().toArray());
        assertThat(left.centroids().toArray()).isEqualTo(read.centroids().toArray());
      }
      mapped.set(0, 0, 9); // ours alone
      try (FloatMatrix back = NpyFile.readFloatMatrix(file)) {
        assertThat(back.get(0, 0)).isEqualTo(values[0]);
      }
    }
    mapped.close();
    mapped.close();
    assertThatThrownBy(() -> mapped.get(0, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> NpyFile.mapFloatMatrix(GOLDEN.resolve("f8.npy")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("accepted for mapping: f4 [n, d]");
    try (FloatMatrix none = NpyFile.mapFloatMatrix(GOLDEN.resolve("no_rows.npy"))) {
      assertThat(none.rows()).isZero();
    }
  }

  @Test
  void writesWhatItReads() {
    Path file = folder.resolve("x.npy");
    try (FloatMatrix matrix = FloatMatrix.of(VALUES, 4, 3)) {
      NpyFile.writeFloatMatrix(file, matrix);
    }
    try (FloatMatrix back = NpyFile.readFloatMatrix(file)) {
      assertThat(back.rows()).isEqualTo(4);
      assertThat(back.toArray()).containsExactly(VALUES);
    }
    int[] labels = {4, -1, 7};
    NpyFile.writeInts(file, labels);
    assertThat(NpyFile.readInts(file)).containsExactly(labels);
    long[] ids = {4, -1, 1L << 50};
    NpyFile.writeLongs(file, ids);
    assertThat(NpyFile.readLongs(file)).containsExactly(ids);
    assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    assertThat(folder.toFile().list()).containsExactly("x.npy");
  }

  /** More values than one staging buffer holds, and blocks that do not end with it. */
  @Test
  void streamsBlocksOfRows() {
    Path file = folder.resolve("blocks.npy");
    int rows = 1003;
    int cols = 601;
    try (NpyWriter writer = NpyWriter.create(file, cols);
        FloatMatrix block = FloatMatrix.allocate(rows, cols)) {
      for (int i = 0; i < rows; i++) {
        float[] row = new float[cols];
        for (int j = 0; j < cols; j++) {
          row[j] = i * 1000 + j;
        }
        block.setRow(i, row);
      }
      for (int from = 0; from < rows; from += 500) {
        try (FloatMatrix part = block.rowRange(from, Math.min(500, rows - from))) {
          writer.append(part);
        }
      }
      assertThat(writer.rows()).isEqualTo(rows);
      writer.commit();
    }
    try (NpyReader reader = NpyReader.open(file);
        FloatMatrix part = FloatMatrix.allocate(700, cols)) {
      assertThat(reader.rows()).isEqualTo(rows);
      assertThat(reader.cols()).isEqualTo(cols);
      reader.readRows(303, part);
      assertThat(part.get(0, 0)).isEqualTo(303_000);
      assertThat(part.get(350, 7)).isEqualTo(653_007);
      assertThat(part.get(699, 600)).isEqualTo(1_002_600);
      assertThatThrownBy(() -> reader.readRows(304, part))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("rows [304, 1004)");
      reader.close();
      assertThatThrownBy(() -> reader.readRows(0, part)).isInstanceOf(IllegalStateException.class);
    }
  }

  /** A sparse file of 4 GB, so that offsets beyond 2^31 are exercised without filling a disk. */
  @Test
  void readsRowsBeyondTwoGigabytes() throws IOException {
    Path file = folder.resolve("large.npy");
    long rows = 1_000_000;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(NpyFile.headerBytes(NpyFile.ElementType.F4, rows, 1000));
      ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 7.5f);
      channel.write(last, 128 + (rows * 1000 - 1) * 4);
    }
    try (NpyReader reader = NpyReader.open(file);
        FloatMatrix block = FloatMatrix.allocate(2, 1000)) {
      reader.readRows(rows - 2, block);
      assertThat(block.get(1, 999)).isEqualTo(7.5f);
      assertThat(block.get(0, 999)).isZero();
    }
  }

  @Test
  void aWriterWithoutCommitLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("kept.npy");
    Files.writeString(file, "old");
    try (NpyWriter writer = NpyWriter.create(file, 3);
        FloatMatrix block = FloatMatrix.allocate(2, 3);
        FloatMatrix wrong = FloatMatrix.allocate(2, 4)) {
      writer.append(block);
      assertThatThrownBy(() -> writer.append(wrong))
          .hasMessageContaining("block of 4 columns for a matrix of 3 columns");
    }
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("kept.npy");
  }

  @Test
  void numpyReadsOurFiles() throws Exception {
    Path matrixFile = folder.resolve("matrix.npy");
    try (FloatMatrix matrix = FloatMatrix.of(VALUES, 3, 4)) {
      NpyFile.writeFloatMatrix(matrixFile, matrix);
    }
    JsonNode matrix = PythonReader.describe(matrixFile);
    assertThat(matrix.get("dtype").asText()).isEqualTo("<f4");
    assertThat(matrix.get("shape")).hasToString("[3,4]");
    assertThat(matrix.get("values").size()).isEqualTo(12);
    for (int i = 0; i < 12; i++) {
      assertThat(matrix.get("values").get(i).floatValue()).isEqualTo(VALUES[i]);
    }
    Path vectorFile = folder.resolve("vector.npy");
    NpyFile.writeInts(vectorFile, new int[] {1, -2, 3});
    assertThat(PythonReader.describe(vectorFile))
        .hasToString("{\"dtype\":\"<i4\",\"shape\":[3],\"values\":[1,-2,3]}");
    NpyFile.writeLongs(vectorFile, new long[] {1L << 40});
    assertThat(PythonReader.describe(vectorFile))
        .hasToString("{\"dtype\":\"<i8\",\"shape\":[1],\"values\":[1099511627776]}");
  }
}
