package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.dc4j.kernels.FloatMatrix;

/**
 * Writes an npy matrix [rows x cols] of f4 block by block, the number of rows being known only at
 * the end. {@link #commit} completes the header and puts the file in its place; close without
 * commit (an exception on the way) leaves the old file. Not thread-safe.
 */
public final class NpyWriter implements AutoCloseable {
  private static final int STAGING_BYTES = 1 << 20;

  private final Path file;
  private final PendingFile pending;
  private final long cols;
  private final ByteBuffer staging =
      ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long rows;
  private boolean committed;

  private NpyWriter(Path file, PendingFile pending, long cols) throws IOException {
    this.file = file;
    this.pending = pending;
    this.cols = cols;
    ChannelBytes.write(pending.channel(), header());
  }

  /** Starts a file with {@code cols} columns; its folder must exist. */
  public static NpyWriter create(Path file, long cols) {
    if (cols < 0) {
      throw new IllegalArgumentException(cols + " columns: must be >= 0");
    }
    NpyWriter[] writer = new NpyWriter[1];
    FileErrors.writing(
        file,
        () -> {
          PendingFile pending = new PendingFile(file);
          try {
            writer[0] = new NpyWriter(file, pending, cols);
          } catch (IOException e) {
            pending.close();
            throw e;
          }
        });
    return writer[0];
  }

  /** Rows written so far. */
  public long rows() {
    return rows;
  }

  /** Appends the rows of {@code block} [m x cols]; it is not kept. */
  public void append(FloatMatrix block) {
    FileChannel channel = pending.channel();
    if (committed || !channel.isOpen()) {
      throw new IllegalStateException("writer used after commit or close");
    }
    if (block.cols() != cols) {
      throw new IllegalArgumentException(
          "%s: block of %d columns for a matrix of %d columns".formatted(file, block.cols(), cols));
    }
    if (cols > 0) {
      long rowsPerBuffer = Math.max(1, (1L << 28) / cols);
      FileErrors.writing(
          file,
          () -> {
            try {
              for (long row = 0; row < block.rows(); row += rowsPerBuffer) {
                drain(block.buffer(row, Math.min(rowsPerBuffer, block.rows() - row)), channel);
              }
            } catch (IOException e) {
              pending.close(); // half a block is in the file: nothing may be committed any more
              throw e;
            }
          });
    }
    rows += block.rows();
  }

  private void drain(FloatBuffer values, FileChannel channel) throws IOException {
    int limit = values.limit();
    while (values.position() < limit) {
      values.limit(Math.min(limit, values.position() + STAGING_BYTES / 4));
      staging.clear().limit(values.remaining() * 4);
      staging.asFloatBuffer().put(values);
      ChannelBytes.write(channel, staging);
    }
  }

  /** Completes the file, forces it to disk and puts it in its place. */
  public void commit() {
    if (committed || !pending.channel().isOpen()) {
      throw new IllegalStateException("writer used after commit or close");
    }
    FileErrors.writing(
        file,
        () -> {
          pending.channel().position(0);
          ChannelBytes.write(pending.channel(), header());
          pending.commit();
        });
    committed = true;
  }

  private ByteBuffer header() {
    return NpyFile.headerBytes(NpyFile.ElementType.F4, rows, cols);
  }

  @Override
  public void close() {
    FileErrors.writing(file, pending::close);
  }
}
