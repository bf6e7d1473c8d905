package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dc4j.kernels.FloatMatrix;

/**
 * Blocks of rows of an npy matrix [rows x cols], f4 or f8 (narrowed): for files larger than memory.
 * Owns the open file. Not thread-safe: one reader per thread.
 */
public final class NpyReader implements AutoCloseable {
  private static final int STAGING_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final NpyFile.Header header;
  private final ByteBuffer staging =
      ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private NpyReader(Path file, FileChannel channel, NpyFile.Header header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a matrix.
   *
   * @throws FormatException if the file is not a two-dimensional f4 or f8 array in C order
   */
  public static NpyReader open(Path file) {
    return FileErrors.reading(
        file,
        () -> {
          FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          try {
            NpyFile.Header header = NpyFile.header(file, channel);
            requireMatrix(file, header);
            return new NpyReader(file, channel, header);
          } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
          }
        });
  }

  private static void requireMatrix(Path file, NpyFile.Header header) {
    boolean real =
        header.type() == NpyFile.ElementType.F4 || header.type() == NpyFile.ElementType.F8;
    if (header.shape().length != 2 || !real) {
      throw new FormatException(
          file, "holds " + header + "; accepted is a matrix [rows x columns] of f4 or f8");
    }
  }

  public long rows() {
    return header.shape()[0];
  }

  public long cols() {
    return header.shape()[1];
  }

  /**
   * Copies rows [from, from + into.rows()) into {@code into} [m x cols].
   *
   * @throws IllegalArgumentException if the range or the columns do not fit
   * @throws FormatException if an f8 value is too large for a float; names row and column
   * @throws IllegalStateException after close
   */
  public void readRows(long from, FloatMatrix into) {
    if (!channel.isOpen()) {
      throw new IllegalStateException("reader used after close");
    }
    if (from < 0 || into.rows() > rows() - from || into.cols() != cols()) {
      throw new IllegalArgumentException(
          "%s: rows [%d, %d) with %d columns of a matrix [%d x %d]"
              .formatted(file, from, from + into.rows(), into.cols(), rows(), cols()));
    }
    if (cols() == 0) {
      return;
    }
    // A FloatMatrix buffer holds less than 2 GB, so a large block is several of them.
    long rowsPerBuffer = Math.max(1, (1L << 28) / cols());
    FileErrors.reading(
        file,
        () -> {
          for (long row = 0; row < into.rows(); row += rowsPerBuffer) {
            FloatBuffer target = into.buffer(row, Math.min(rowsPerBuffer, into.rows() - row));
            fill((from + row) * cols(), target);
          }
          return null;
        });
  }

  /** Reads values from index {@code first} on until {@code target} is full. */
  private void fill(long first, FloatBuffer target) throws IOException {
    int bytes = header.type().bytes();
    long next = first;
    while (target.hasRemaining()) {
      int count = Math.min(target.remaining(), STAGING_BYTES / bytes);
      staging.clear().limit(count * bytes);
      ChannelBytes.read(channel, header.dataOffset() + next * bytes, staging);
      staging.flip();
      if (header.type() == NpyFile.ElementType.F4) {
        target.put(staging.asFloatBuffer());
      } else {
        narrow(staging.asDoubleBuffer(), next, target);
      }
      next += count;
    }
  }

  private void narrow(DoubleBuffer values, long first, FloatBuffer target) {
    for (int i = 0; i < values.limit(); i++) {
      double wide = values.get(i);
      float value = (float) wide;
      if (Float.isInfinite(value) && !Double.isInfinite(wide)) {
        long index = first + i;
        throw new FormatException(
            file,
            "value %s at row %d, column %d does not fit a 32-bit float"
                .formatted(wide, index / cols(), index % cols()));
      }
      target.put(value);
    }
  }

  @Override
  public void close() {
    FileErrors.writing(file, channel::close);
  }
}
