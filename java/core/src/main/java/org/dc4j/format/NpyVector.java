package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The values of one-dimensional integer npy files, in chunks. */
final class NpyVector {
  private static final int CHUNK_VALUES = 1 << 16;

  private NpyVector() {}

  static long[] read(Path file, FileChannel channel, NpyFile.Header header) throws IOException {
    NpyFile.ElementType type = header.type();
    boolean integers =
        type == NpyFile.ElementType.I4
            || type == NpyFile.ElementType.I8
            || type == NpyFile.ElementType.U1;
    if (header.shape().length != 1 || !integers) {
      throw new FormatException(
          file, "holds " + header + "; accepted is a vector [n] of i4, i8 or u1");
    }
    if (header.shape()[0] > Integer.MAX_VALUE - 8) {
      throw new FormatException(file, header.shape()[0] + " values do not fit an array");
    }
    long[] values = new long[(int) header.shape()[0]];
    ByteBuffer chunk = chunk(type.bytes());
    for (int from = 0; from < values.length; from += CHUNK_VALUES) {
      int count = Math.min(CHUNK_VALUES, values.length - from);
      chunk.clear().limit(count * type.bytes());
      ChannelBytes.read(channel, header.dataOffset() + (long) from * type.bytes(), chunk);
      chunk.flip();
      for (int i = 0; i < count; i++) {
        values[from + i] =
            switch (type) {
              case I4 -> chunk.getInt();
              case I8 -> chunk.getLong();
              default -> chunk.get() & 0xff;
            };
      }
    }
    return values;
  }

  static void write(FileChannel channel, int[] values) throws IOException {
    ChannelBytes.write(channel, NpyFile.headerBytes(NpyFile.ElementType.I4, values.length));
    ByteBuffer chunk = chunk(4);
    for (int from = 0; from < values.length; from += CHUNK_VALUES) {
      int count = Math.min(CHUNK_VALUES, values.length - from);
      chunk.clear().limit(count * 4);
      chunk.asIntBuffer().put(values, from, count);
      ChannelBytes.write(channel, chunk);
    }
  }

  static void write(FileChannel channel, long[] values) throws IOException {
    ChannelBytes.write(channel, NpyFile.headerBytes(NpyFile.ElementType.I8, values.length));
    ByteBuffer chunk = chunk(8);
    for (int from = 0; from < values.length; from += CHUNK_VALUES) {
      int count = Math.min(CHUNK_VALUES, values.length - from);
      chunk.clear().limit(count * 8);
      chunk.asLongBuffer().put(values, from, count);
      ChannelBytes.write(channel, chunk);
    }
  }

  private static ByteBuffer chunk(int valueBytes) {
    return ByteBuffer.allocate(CHUNK_VALUES * valueBytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
