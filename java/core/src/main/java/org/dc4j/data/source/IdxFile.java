package org.dc4j.data.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.dc4j.data.DataException;
import org.dc4j.format.FileErrors;

/**
 * A file of unsigned bytes in the IDX format of MNIST (http://yann.lecun.com/exdb/mnist):
 * big-endian magic 0x000008nn for nn dimensions, the sizes, the values.
 *
 * @param sizes length of each dimension
 * @param values product of the sizes
 */
record IdxFile(int[] sizes, byte[] values) {
  private static final int UNSIGNED_BYTES = 0x0800;

  /** Reads a file, gzip or plain by its content. */
  static IdxFile read(Path file, int dimensions) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), dimensions);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
  }

  /**
   * Reads a stream, gzip or plain by its content.
   *
   * @param name for error messages
   * @param dimensions that the magic must declare
   * @throws DataException for another magic, too few or too many bytes
   */
  static IdxFile read(InputStream in, String name, int dimensions) throws IOException {
    try {
      InputStream plain = unpacked(in);
      byte[] start = readUpTo(plain, 4 + 4 * dimensions);
      ByteBuffer header = ByteBuffer.wrap(start);
      int expectedMagic = UNSIGNED_BYTES | dimensions;
      if (start.length >= 4 && header.getInt(0) != expectedMagic) {
        throw new DataException(
            "%s: magic 0x%08x; accepted: 0x%08x (IDX, unsigned bytes, %d dimensions)"
                .formatted(name, header.getInt(0), expectedMagic, dimensions));
      }
      if (start.length < 4 + 4 * dimensions) {
        throw new DataException(
            "%s: truncated: expected a header of %d bytes, found %d"
                .formatted(name, 4 + 4 * dimensions, start.length));
      }
      int[] sizes = new int[dimensions];
      for (int i = 0; i < dimensions; i++) {
        sizes[i] = header.getInt(4 + 4 * i);
      }
      byte[] values = values(plain, name, sizes, start.length);
      return new IdxFile(sizes, values);
    } catch (EOFException e) {
      throw new DataException(name + ": truncated gzip data", e);
    } catch (ZipException e) {
      throw new DataException(name + ": damaged gzip data: " + e.getMessage(), e);
    }
  }

  private static byte[] values(InputStream in, String name, int[] sizes, int headerBytes)
      throws IOException {
    long count = 1;
    for (int size : sizes) {
      // Checked factor by factor: every product below stays under 2^62.
      count = size < 0 || count > Integer.MAX_VALUE ? Long.MAX_VALUE : count * size;
    }
    if (count > Integer.MAX_VALUE - 16) {
      throw new DataException(
          "%s: sizes %s; accepted: up to 2 GiB of values".formatted(name, Arrays.toString(sizes)));
    }
    byte[] values = readUpTo(in, (int) count);
    if (values.length < count) {
      throw new DataException(
          "%s: truncated: expected %d bytes for %s, found %d"
              .formatted(
                  name, headerBytes + count, Arrays.toString(sizes), headerBytes + values.length));
    }
    if (in.read() >= 0) {
      throw new DataException(
          "%s: longer than its header says: expected %d bytes for %s"
              .formatted(name, headerBytes + count, Arrays.toString(sizes)));
    }
    return values;
  }

  // Grows as bytes arrive: the sizes of a damaged header must not cost 2 GiB. The end of a cut gzip
  // stream, an EOFException, counts as the end.
  private static byte[] readUpTo(InputStream in, int count) throws IOException {
    byte[] values = new byte[Math.min(count, 1 << 20)];
    int filled = 0;
    try {
      while (filled < count) {
        if (filled == values.length) {
          values = Arrays.copyOf(values, (int) Math.min(count, 2L * filled));
        }
        int read = in.read(values, filled, values.length - filled);
        if (read < 0) {
          break;
        }
        filled += read;
      }
    } catch (EOFException e) {
      return Arrays.copyOf(values, filled);
    }
    return filled == values.length ? values : Arrays.copyOf(values, filled);
  }

  private static InputStream unpacked(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(2);
    boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
    buffered.reset();
    return gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
  }
}
