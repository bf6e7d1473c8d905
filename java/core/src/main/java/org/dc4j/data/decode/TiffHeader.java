package org.dc4j.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The size that a TIFF file's first directory declares (TIFF 6.0 section 2, and BigTIFF): of the
 * image, or of its tiles where those are absurdly large, since the decoder takes memory for either.
 */
final class TiffHeader {
  private static final int CLASSIC = 42;
  private static final int BIG = 43;
  private static final int IMAGE_WIDTH = 256;
  private static final int IMAGE_LENGTH = 257;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_LENGTH = 323;
  private static final long LARGEST_TILE = 1 << 24; // pixels; real ones have some 65,536

  private final ByteBuffer file;
  private final boolean big;
  private final long[] sizes = new long[4]; // image width, length, tile width, length

  private TiffHeader(ByteBuffer file, boolean big) {
    this.file = file;
    this.big = big;
  }

  /** Empty if it is no TIFF file; sizes are 0 where the directory does not tell them. */
  static Optional<ImageHeader> of(byte[] bytes) {
    if (bytes.length < 16 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) {
      return Optional.empty();
    }
    ByteOrder order = bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer file = ByteBuffer.wrap(bytes).order(order);
    int version = file.getShort(2) & 0xFFFF;
    if (version != CLASSIC && version != BIG) {
      return Optional.empty();
    }
    TiffHeader header = new TiffHeader(file, version == BIG);
    header.readDirectory();
    long[] sizes = header.sizes;
    boolean tile = sizes[2] > 0 && sizes[3] > LARGEST_TILE / sizes[2];
    return Optional.of(new ImageHeader("TIFF", sizes[tile ? 2 : 0], sizes[tile ? 3 : 1], true));
  }

  private void readDirectory() {
    long at = big ? file.getLong(8) : file.getInt(4) & 0xFFFFFFFFL;
    int countBytes = big ? 8 : 2;
    int entryBytes = big ? 20 : 12;
    if (at < 0 || at > file.capacity() - countBytes) {
      return;
    }
    long count = big ? file.getLong((int) at) : file.getShort((int) at) & 0xFFFF;
    long first = at + countBytes;
    // No more entries than fit the file, whatever it claims.
    long entries = Math.min(count, (file.capacity() - first) / entryBytes);
    for (long i = 0; i < entries; i++) {
      readEntry((int) (first + i * entryBytes));
    }
  }

  private void readEntry(int at) {
    int place =
        switch (file.getShort(at) & 0xFFFF) {
          case IMAGE_WIDTH -> 0;
          case IMAGE_LENGTH -> 1;
          case TILE_WIDTH -> 2;
          case TILE_LENGTH -> 3;
          default -> -1;
        };
    if (place >= 0) {
      // Of a tag that comes twice the larger: which one counts is up to the decoder.
      sizes[place] = Math.max(sizes[place], number(file.getShort(at + 2), at + (big ? 12 : 8)));
    }
  }

  /** A value of an integer type, signed ones taken for unsigned; 0 for others. */
  private long number(int type, int at) {
    long value =
        switch (type) {
          case 1, 6 -> file.get(at) & 0xFF;
          case 3, 8 -> file.getShort(at) & 0xFFFF;
          case 4, 9 -> file.getInt(at) & 0xFFFFFFFFL;
          case 16, 17 -> big ? file.getLong(at) : 0;
          default -> 0;
        };
    return value < 0 ? Long.MAX_VALUE : value;
  }
}
