package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dc4j.kernels.FloatMatrix;

/**
 * NumPy's npy files, versions 1 to 3, little-endian, C order. Matrices are f4 (f8 is narrowed),
 * vectors i4, i8 or u1. Everything is streamed: a file may be larger than 2 GB, and a file larger
 * than memory is read in blocks by {@link NpyReader} or written by {@link NpyWriter}. Writing is
 * atomic.
 *
 * <p>Reading throws FormatException, naming the file, what it holds and what is accepted;
 * UncheckedIOException if the disk refuses. Format: numpy/lib/format, NEP 1.
 */
public final class NpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Longest header accepted; a plain array needs about 100 bytes. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  /** Element types that are read; the names are numpy's. */
  public enum ElementType {
    F4(4, "<f4"),
    F8(8, "<f8"),
    I4(4, "<i4"),
    I8(8, "<i8"),
    U1(1, "|u1");

    static final String ACCEPTED =
        Stream.of(values())
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ", "little-endian ", ""));

    private final int bytes;
    private final String descr;

    ElementType(int bytes, String descr) {
      this.bytes = bytes;
      this.descr = descr;
    }

    public int bytes() {
      return bytes;
    }

    static ElementType of(Path file, String descr) {
      for (ElementType type : values()) {
        boolean bytesHaveNoOrder = type.bytes == 1 && descr.endsWith(type.descr.substring(1));
        if (descr.equals(type.descr) || bytesHaveNoOrder) {
          return type;
        }
      }
      throw new FormatException(
          file, "element type '" + descr + "' is not supported; accepted are " + ACCEPTED);
    }
  }

  /**
   * What a file holds.
   *
   * @param type element type
   * @param shape sizes, outermost first; empty for a scalar
   * @param dataOffset bytes before the first value
   */
  public record Header(ElementType type, long[] shape, long dataOffset) {
    /** Bytes of all values. */
    public long dataBytes() {
      long bytes = type.bytes();
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      return bytes;
    }

    @Override
    public String toString() {
      return type.name().toLowerCase(Locale.ROOT) + " " + Arrays.toString(shape);
    }
  }

  private NpyFile() {}

  /** Reads and checks the header, and that the file is long enough for it. */
  public static Header header(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return header(file, channel);
          }
        });
  }

  static Header header(Path file, FileChannel channel) throws IOException {
    long length = channel.size();
    ByteBuffer start = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    ChannelBytes.read(channel, 0, start.limit((int) Math.min(12, length)));
    start.flip();
    if (length < 10 || !Arrays.equals(MAGIC, Arrays.copyOf(start.array(), MAGIC.length))) {
      throw new FormatException(file, "is not an npy file: it does not start with \\x93NUMPY");
    }
    int version = start.get(6);
    if (version < 1 || version > 3) {
      throw new FormatException(
          file, "npy version " + version + " is not supported; accepted are 1, 2, 3");
    }
    int prefix = version == 1 ? 10 : 12;
    long headerBytes = 0;
    if (length >= prefix) {
      headerBytes = version == 1 ? start.getShort(8) & 0xffff : start.getInt(8) & 0xffffffffL;
    }
    if (length < prefix + headerBytes) {
      throw truncated(file, prefix + headerBytes, length, "header");
    }
    if (headerBytes > MAX_HEADER_BYTES) {
      throw new FormatException(
          file, "header of " + headerBytes + " bytes; accepted are up to " + MAX_HEADER_BYTES);
    }
    ByteBuffer text = ByteBuffer.allocate((int) headerBytes);
    ChannelBytes.read(channel, prefix, text);
    Header header =
        NpyHeaderText.parse(
            file, new String(text.array(), StandardCharsets.UTF_8), prefix + headerBytes);
    checkLength(file, header, length);
    return header;
  }

  private static void checkLength(Path file, Header header, long length) {
    long expected;
    try {
      expected = Math.addExact(header.dataOffset(), header.dataBytes());
    } catch (ArithmeticException e) {
      throw new FormatException(
          file, "shape " + Arrays.toString(header.shape()) + " exceeds 2^63 bytes", e);
    }
    if (length < expected) {
      throw truncated(file, expected, length, header.toString());
    }
  }

  private static FormatException truncated(Path file, long expected, long actual, String what) {
    return new FormatException(
        file, "is cut off: expected %d bytes for %s, found %d".formatted(expected, what, actual));
  }

  /** The file's matrix [rows x cols], f4 or f8 (narrowed); the caller closes it. */
  public static FloatMatrix readFloatMatrix(Path file) {
    try (NpyReader reader = NpyReader.open(file)) {
      requireColumns(file, reader.rows(), reader.cols());
      FloatMatrix matrix = FloatMatrix.allocate(reader.rows(), reader.cols());
      try {
        reader.readRows(0, matrix);
        return matrix;
      } catch (RuntimeException e) {
        matrix.close();
        throw e;
      }
    }
  }

  /**
   * The file's matrix [rows x cols] of f4 left on disk ({@link FloatMatrix#map}), for files larger
   * than memory; the caller closes it. Throws FormatException for another element type and for data
   * that do not start at a multiple of 64 bytes (numpy's and ours do).
   */
  public static FloatMatrix mapFloatMatrix(Path file) {
    Header header = header(file);
    if (header.type() != ElementType.F4 || header.shape().length != 2) {
      throw new FormatException(file, "holds " + header + "; accepted for mapping: f4 [n, d]");
    }
    if (header.dataOffset() % 64 != 0) {
      throw new FormatException(
          file,
          "data start at byte %d; accepted for mapping: a multiple of 64"
              .formatted(header.dataOffset()));
    }
    requireColumns(file, header.shape()[0], header.shape()[1]);
    return FloatMatrix.map(file, header.dataOffset(), header.shape()[0], header.shape()[1]);
  }

  /** A file of a few bytes can claim any number of rows that hold nothing. */
  private static void requireColumns(Path file, long rows, long cols) {
    if (cols == 0 && rows > 0) {
      throw new FormatException(file, "holds %d rows without a column".formatted(rows));
    }
  }

  /** Writes {@code matrix} as f4. */
  public static void writeFloatMatrix(Path file, FloatMatrix matrix) {
    try (NpyWriter writer = NpyWriter.create(file, matrix.cols())) {
      writer.append(matrix);
      writer.commit();
    }
  }

  /** The file's vector [n] of i4, u1 or of i8 whose values fit an int. */
  public static int[] readInts(Path file) {
    long[] wide = readLongs(file);
    int[] values = new int[wide.length];
    for (int i = 0; i < wide.length; i++) {
      values[i] = (int) wide[i];
      if (values[i] != wide[i]) {
        throw new FormatException(
            file, "value " + wide[i] + " at index " + i + " does not fit 32 bits");
      }
    }
    return values;
  }

  /** The file's vector [n] of i8, i4 or u1; n must fit an array. */
  public static long[] readLongs(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return NpyVector.read(file, channel, header(file, channel));
          }
        });
  }

  /** Writes a vector [n] as i4. */
  public static void writeInts(Path file, int[] values) {
    AtomicFiles.write(file, channel -> NpyVector.write(channel, values));
  }

  /** Writes a vector [n] as i8. */
  public static void writeLongs(Path file, long[] values) {
    AtomicFiles.write(file, channel -> NpyVector.write(channel, values));
  }

  /**
   * Writes an array of u1, for example images [n, height, width], block after block.
   *
   * @param blocks the values in order, together as many as the shape holds
   * @throws IllegalArgumentException if they are not; then nothing is written
   */
  public static void writeBytes(Path file, Iterator<byte[]> blocks, long... shape) {
    AtomicFiles.write(
        file,
        channel -> {
          ChannelBytes.write(channel, headerBytes(ElementType.U1, shape));
          long written = 0;
          while (blocks.hasNext()) {
            byte[] block = blocks.next();
            ChannelBytes.write(channel, ByteBuffer.wrap(block));
            written += block.length;
          }
          if (written != new Header(ElementType.U1, shape, 0).dataBytes()) {
            throw new IllegalArgumentException(
                file + ": " + written + " bytes for shape " + Arrays.toString(shape));
          }
        });
  }

  /** A version 1 header of exactly 128 bytes, so that it can be rewritten in place. */
  static ByteBuffer headerBytes(ElementType type, long... shape) {
    String sizes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String dict =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }"
            .formatted(type.descr, sizes, shape.length == 1 ? "," : "");
    ByteBuffer bytes = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) 118);
    bytes.put(dict.getBytes(StandardCharsets.US_ASCII));
    while (bytes.position() < 127) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').flip();
  }
}
