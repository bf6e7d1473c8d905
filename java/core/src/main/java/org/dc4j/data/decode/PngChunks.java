package org.dc4j.data.decode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Drops what does not matter for the pixels from a PNG file: colour profiles, texts, times, further
 * frames. libpng writes a line to the process's stderr for each such chunk it dislikes, and many
 * programs write profiles it dislikes.
 */
final class PngChunks {
  private static final int SIGNATURE_BYTES = 8;
  private static final int FRAME_BYTES = 12; // length, type, CRC
  private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "tRNS", "eXIf", "IDAT", "IEND");

  private PngChunks() {}

  /** The file without the chunks that do not matter; damaged parts are left for the decoder. */
  static byte[] essential(byte[] file) {
    byte[] kept = new byte[file.length];
    int size = SIGNATURE_BYTES;
    System.arraycopy(file, 0, kept, 0, size);
    int at = SIGNATURE_BYTES;
    while (at + FRAME_BYTES <= file.length) {
      long length = (ByteBuffer.wrap(file).getInt(at) & 0xFFFFFFFFL) + FRAME_BYTES;
      if (length > file.length - at) {
        break;
      }
      String type = new String(file, at + 4, 4, StandardCharsets.US_ASCII);
      if (KEPT.contains(type)) {
        System.arraycopy(file, at, kept, size, (int) length);
        size += (int) length;
      }
      at += (int) length;
    }
    System.arraycopy(file, at, kept, size, file.length - at);
    return Arrays.copyOf(kept, size + file.length - at);
  }
}
