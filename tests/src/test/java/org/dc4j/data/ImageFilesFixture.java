package org.dc4j.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Small image files made by ImageIO, a codec that is not the one under test. */
public final class ImageFilesFixture {
  private ImageFilesFixture() {}

  /** A file of that kind whose left half is one colour, the right half another (0xRRGGBB). */
  public static byte[] halves(String kind, int height, int width, int left, int right) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, x < width / 2 ? left : right);
      }
    }
    return encode(image, kind);
  }

  public static byte[] encode(BufferedImage image, String kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, kind, out)) {
        throw new IllegalArgumentException("ImageIO writes no " + kind);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** An EXIF block (TIFF structure) with nothing but an orientation. */
  public static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 12 + 4).order(order);
    byte mark = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
    tiff.put(mark).put(mark).putShort((short) 42).putInt(8);
    tiff.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    tiff.putShort((short) orientation).putShort((short) 0).putInt(0);
    return tiff.array();
  }

  /** Puts an APP1 segment with that EXIF block behind a JPEG's start marker. */
  public static byte[] withExif(byte[] jpeg, byte[] exif) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + 6 + exif.length);
    out.put(jpeg, 0, 2);
    out.putShort((short) 0xFFE1).putShort((short) (2 + 6 + exif.length));
    out.put(new byte[] {'E', 'x', 'i', 'f', 0, 0}).put(exif);
    out.put(jpeg, 2, jpeg.length - 2);
    return out.array();
  }

  /** Puts a chunk behind a PNG's IHDR. */
  public static byte[] withChunk(byte[] png, String type, byte[] data) {
    int at = 8 + 4 + 4 + 13 + 4;
    ByteBuffer out = ByteBuffer.allocate(png.length + 12 + data.length);
    byte[] name = type.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.put(png, 0, at).putInt(data.length).put(name).put(data).putInt((int) crc.getValue());
    out.put(png, at, png.length - at);
    return out.array();
  }

  /** The first {@code share} of the bytes. */
  public static byte[] cut(byte[] file, double share) {
    return Arrays.copyOf(file, (int) (file.length * share));
  }

  /** A pixel as 0xRRGGBB; grey is repeated. */
  public static int rgb(Image image, int y, int x) {
    int at = (y * image.width() + x) * image.channels();
    int r = image.pixels()[at] & 0xFF;
    int g = image.channels() == 1 ? r : image.pixels()[at + 1] & 0xFF;
    int b = image.channels() == 1 ? r : image.pixels()[at + 2] & 0xFF;
    return r << 16 | g << 8 | b;
  }
}
