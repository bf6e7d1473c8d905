package org.dc4j.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The orientation tag (0x0112) of an EXIF block: how the stored pixels are to be turned for display
 * (CIPA DC-008, 4.6.4). Anything damaged or absent reads as 1, "as stored".
 */
final class ExifOrientation {
  static final int AS_STORED = 1;

  private static final int TAG = 0x0112;
  private static final int TYPE_SHORT = 3;
  private static final int ENTRY_BYTES = 12;

  private ExifOrientation() {}

  /**
   * Reads the tag.
   *
   * @param exif a TIFF structure, with or without the "Exif\0\0" prefix of a JPEG segment
   * @return 1..8
   */
  static int of(byte[] exif) {
    int start =
        exif.length >= 6 && exif[0] == 'E' && exif[1] == 'x' && exif[2] == 'i' && exif[3] == 'f'
            ? 6
            : 0;
    ByteBuffer tiff = ByteBuffer.wrap(exif, start, exif.length - start).slice();
    if (tiff.capacity() < 8) {
      return AS_STORED;
    }
    char order = (char) tiff.get(0);
    if (tiff.get(1) != order || (order != 'I' && order != 'M')) {
      return AS_STORED;
    }
    tiff.order(order == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = tiff.getInt(4) & 0xFFFFFFFFL;
    if (tiff.getShort(2) != 42 || directory + 2 > tiff.capacity()) {
      return AS_STORED;
    }
    int entries = tiff.getShort((int) directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + (long) i * ENTRY_BYTES;
      if (at + ENTRY_BYTES > tiff.capacity()) {
        return AS_STORED;
      }
      if ((tiff.getShort((int) at) & 0xFFFF) == TAG) {
        int type = tiff.getShort((int) at + 2);
        int value = tiff.getShort((int) at + 8) & 0xFFFF;
        return type == TYPE_SHORT && value >= 1 && value <= 8 ? value : AS_STORED;
      }
    }
    return AS_STORED;
  }
}
