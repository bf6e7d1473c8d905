package org.dc4j.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the first bytes of an image file declare, read before any pixel is decoded so that a huge
 * image is refused before memory is taken for it.
 *
 * @param format "JPEG", "PNG", "BMP", "WebP", "TIFF"
 * @param width, height size in pixels as stored; 0 if the file does not tell
 * @param ends false if the file stops before its end marker (looked for in JPEG only, where the
 *     decoder would fill up the picture with grey)
 */
record ImageHeader(String format, long width, long height, boolean ends) {
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;

  /** Empty for a format this class does not know; the decoder may still know it. */
  static Optional<ImageHeader> of(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    if (unsigned(file, 0) == 0xFF && unsigned(file, 1) == SOI) {
      return Optional.of(jpeg(file));
    }
    if (file.length >= 24 && bytes.getLong(0) == 0x89504E470D0A1A0AL) {
      return Optional.of(
          new ImageHeader(
              "PNG", bytes.getInt(16) & 0xFFFFFFFFL, bytes.getInt(20) & 0xFFFFFFFFL, true));
    }
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    if (file.length >= 26 && file[0] == 'B' && file[1] == 'M' && bytes.getInt(14) >= 40) {
      return Optional.of(
          new ImageHeader(
              "BMP", Math.abs((long) bytes.getInt(18)), Math.abs((long) bytes.getInt(22)), true));
    }
    if (file.length >= 30 && tag(file, 0, "RIFF") && tag(file, 8, "WEBP")) {
      return Optional.of(webp(file, bytes));
    }
    return TiffHeader.of(file);
  }

  private static ImageHeader jpeg(byte[] file) {
    long width = 0;
    long height = 0;
    int at = 2;
    while (at + 4 <= file.length) {
      if (unsigned(file, at) != 0xFF) {
        at++; // padding between segments
        continue;
      }
      int marker = unsigned(file, at + 1);
      if (marker == 0xFF) {
        at++; // a fill byte before a marker
        continue;
      }
      boolean alone = marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= SOI);
      if (alone) {
        at += 2;
        continue;
      }
      if (marker == EOI) {
        break;
      }
      boolean frame =
          marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (frame && at + 9 <= file.length) {
        height = unsigned(file, at + 5) << 8 | unsigned(file, at + 6);
        width = unsigned(file, at + 7) << 8 | unsigned(file, at + 8);
      }
      int length = unsigned(file, at + 2) << 8 | unsigned(file, at + 3);
      if (marker == SOS) {
        return new ImageHeader("JPEG", width, height, endMarkerAfter(file, at + 2 + length));
      }
      at += 2 + Math.max(length, 2);
    }
    return new ImageHeader("JPEG", width, height, false);
  }

  // Backwards, because the marker is at the end, or just before what a camera appended. Inside
  // compressed data 0xFF is never followed by 0xD9.
  private static boolean endMarkerAfter(byte[] file, int start) {
    for (int at = file.length - 2; at >= start; at--) {
      if (unsigned(file, at) == 0xFF && unsigned(file, at + 1) == EOI) {
        return true;
      }
    }
    return false;
  }

  private static ImageHeader webp(byte[] file, ByteBuffer little) {
    long width = 0;
    long height = 0;
    if (tag(file, 12, "VP8X")) {
      width = 1 + (little.getInt(24) & 0xFFFFFF);
      height = 1 + (little.getInt(26) >>> 8);
    } else if (tag(file, 12, "VP8L")) {
      int bits = little.getInt(21);
      width = 1 + (bits & 0x3FFF);
      height = 1 + (bits >>> 14 & 0x3FFF);
    } else if (tag(file, 12, "VP8 ")) {
      width = little.getShort(26) & 0x3FFF;
      height = little.getShort(28) & 0x3FFF;
    }
    return new ImageHeader("WebP", width, height, true);
  }

  private static boolean tag(byte[] file, int at, String tag) {
    for (int i = 0; i < 4; i++) {
      if (file[at + i] != tag.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int unsigned(byte[] file, int at) {
    return at < file.length ? file[at] & 0xFF : -1;
  }
}
