package org.dc4j.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Whole buffers in and out of a channel. In slices: for a heap buffer the JDK makes a direct copy
 * as large as the call, which for a large tensor would double its memory.
 */
final class ChannelBytes {
  private static final int SLICE_BYTES = 1 << 20;

  private ChannelBytes() {}

  /** Fills {@code into} up to its limit from {@code position} on. */
  static void read(FileChannel channel, long position, ByteBuffer into) throws IOException {
    int limit = into.limit();
    long at = position;
    while (into.position() < limit) {
      into.limit(Math.min(limit, into.position() + SLICE_BYTES));
      int count = channel.read(into, at);
      if (count < 0) {
        into.limit(limit);
        throw new EOFException("file ends at byte " + at);
      }
      at += count;
    }
    into.limit(limit);
  }

  /** Writes all that remains of {@code from} at the channel's position. */
  static void write(FileChannel channel, ByteBuffer from) throws IOException {
    int limit = from.limit();
    while (from.position() < limit) {
      from.limit(Math.min(limit, from.position() + SLICE_BYTES));
      channel.write(from);
    }
    from.limit(limit);
  }
}
