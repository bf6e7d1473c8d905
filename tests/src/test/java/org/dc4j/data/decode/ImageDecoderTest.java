package org.dc4j.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dc4j.data.ImageFilesFixture.cut;
import static org.dc4j.data.ImageFilesFixture.encode;
import static org.dc4j.data.ImageFilesFixture.exif;
import static org.dc4j.data.ImageFilesFixture.halves;
import static org.dc4j.data.ImageFilesFixture.rgb;
import static org.dc4j.data.ImageFilesFixture.withChunk;
import static org.dc4j.data.ImageFilesFixture.withExif;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dc4j.data.Image;
import org.dc4j.data.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final int RED = 0xC81E28;
  private static final int BLUE = 0x143CD2;
  private static final int WHITE = 0xFFFFFF;

  private final ImageDecoder decoder = new ImageDecoder();

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "tiff"})
  void losslessColoursComeOutAsRgb(String kind) {
    Image image = decoder.decode(halves(kind, 5, 8, RED, BLUE), "x." + kind);
    assertThat(image.height()).isEqualTo(5);
    assertThat(image.width()).isEqualTo(8);
    assertThat(image.channels()).isEqualTo(3);
    assertThat(rgb(image, 4, 0)).isEqualTo(RED);
    assertThat(rgb(image, 4, 7)).isEqualTo(BLUE);
  }

  @Test
  void jpegColoursAreClose() {
    assertThat(close(decoder.decode(halves("jpg", 16, 32, RED, BLUE), "x.jpg"), 8, 2, RED))
        .isTrue();
  }

  // Where the top left and the bottom right stored corners are seen (CIPA DC-008, 4.6.4): the
  // stored picture is RED in its left half.
  @ParameterizedTest
  @CsvSource({
    "1, 16, 32, 8, 2", "2, 16, 32, 8, 29", "3, 16, 32, 8, 29", "4, 16, 32, 8, 2",
    "5, 32, 16, 2, 8", "6, 32, 16, 2, 8", "7, 32, 16, 29, 8", "8, 32, 16, 29, 8"
  })
  void exifOrientationOfJpegIsApplied(int orientation, int height, int width, int y, int x) {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      byte[] file = withExif(halves("jpg", 16, 32, RED, BLUE), exif(orientation, order));
      Image image = decoder.decode(file, "x.jpg");
      assertThat(image.height()).isEqualTo(height);
      assertThat(image.width()).isEqualTo(width);
      assertThat(close(image, y, x, RED)).isTrue();
      assertThat(close(image, height - 1 - y, width - 1 - x, BLUE)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 2", "3, 8", "4, 6", "5, 0", "6, 2", "7, 8", "8, 6"})
  void everyCornerOfAnOrientedPngIsWhereItBelongs(int orientation, int cornerOfFirst) {
    BufferedImage grey = new BufferedImage(3, 3, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 9; i++) {
      grey.getRaster().setSample(i % 3, i / 3, 0, 10 * i);
    }
    byte[] file = withChunk(encode(grey, "png"), "eXIf", exif(orientation, ByteOrder.BIG_ENDIAN));
    byte[] seen = decoder.decode(file, "x.png").pixels();
    assertThat(seen[cornerOfFirst]).isZero();
    // 1-4 keep rows as rows, 5-8 turn them into columns.
    boolean rowsStayRows = Math.abs(seen[3 * (cornerOfFirst / 3) + 1] - 10) == 0;
    assertThat(rowsStayRows).isEqualTo(orientation <= 4);
  }

  @Test
  void nonsenseInExifMeansAsStored() {
    byte[] jpeg = halves("jpg", 16, 32, RED, BLUE);
    byte[] valid = exif(6, ByteOrder.LITTLE_ENDIAN);
    for (int length = 0; length < 20; length++) {
      byte[] file = withExif(jpeg, java.util.Arrays.copyOf(valid, length));
      assertThat(decoder.decode(file, "x.jpg").width()).isEqualTo(32);
    }
    byte[] far = valid.clone();
    far[7] = (byte) 0x7F; // directory two gigabytes away
    assertThat(decoder.decode(withExif(jpeg, far), "x.jpg").width()).isEqualTo(32);
    byte[] nine = exif(9, ByteOrder.LITTLE_ENDIAN);
    assertThat(decoder.decode(withExif(jpeg, nine), "x.jpg").width()).isEqualTo(32);
  }

  @Test
  void greyStaysOneChannel() {
    BufferedImage grey = new BufferedImage(4, 3, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(2, 1, 0, 77);
    Image image = decoder.decode(encode(grey, "png"), "x.png");
    assertThat(image.channels()).isEqualTo(1);
    assertThat(image.pixels()[1 * 4 + 2]).isEqualTo((byte) 77);
    assertThat(decoder.decode(encode(grey, "jpg"), "x.jpg").channels()).isEqualTo(1);
  }

  @Test
  void transparencyIsLaidOverWhite() {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00112233);
    image.setRGB(1, 0, 0xFF000000 | RED);
    image.setRGB(2, 0, 0x80000000);
    Image seen = decoder.decode(encode(image, "png"), "x.png");
    assertThat(rgb(seen, 0, 0)).isEqualTo(WHITE);
    assertThat(rgb(seen, 0, 1)).isEqualTo(RED);
    assertThat(rgb(seen, 0, 2)).isEqualTo(0x7F7F7F); // 255 * 127 / 255
  }

  @Test
  void sixteenBitsAreScaledToEight() {
    BufferedImage grey = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
    int[] values = {0, 65535, 257 * 100, 257 * 100 + 200};
    for (int x = 0; x < 4; x++) {
      grey.getRaster().setSample(x, 0, 0, values[x]);
    }
    for (String kind : new String[] {"png", "tiff"}) {
      assertThat(decoder.decode(encode(grey, kind), "x." + kind).pixels())
          .containsExactly(0, 255, 100, 101);
    }
  }

  @Test
  void oneBitImagesDecode() {
    BufferedImage bits = new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY);
    bits.setRGB(8, 1, WHITE);
    Image image = decoder.decode(encode(bits, "png"), "x.png");
    assertThat(rgb(image, 0, 0)).isZero();
    assertThat(rgb(image, 1, 8)).isEqualTo(WHITE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "bmp", "tiff"})
  void truncatedFilesAreUnreadable(String kind) {
    byte[] whole = halves(kind, 64, 64, RED, BLUE);
    for (double share : new double[] {0.02, 0.3, 0.6, 0.9}) {
      byte[] file = cut(whole, share);
      assertThatThrownBy(() -> decoder.decode(file, "some/cut." + kind))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("some/cut." + kind);
    }
  }

  @Test
  void aTruncatedJpegIsNotSavedByTheEndOfItsThumbnail() {
    byte[] jpeg = halves("jpg", 64, 64, RED, BLUE);
    byte[] thumbnail = halves("jpg", 8, 8, RED, BLUE);
    byte[] file = withExif(jpeg, thumbnail);
    assertThat(decoder.decode(file, "x.jpg").height()).isEqualTo(64);
    assertThatThrownBy(() -> decoder.decode(cut(file, 0.95), "x.jpg"))
        .hasMessageContaining("truncated JPEG");
  }

  @Test
  void bytesAfterTheEndDoNotMatter() {
    byte[] jpeg = halves("jpg", 16, 32, RED, BLUE);
    assertThat(decoder.decode(java.util.Arrays.copyOf(jpeg, jpeg.length + 5000), "x.jpg").width())
        .isEqualTo(32);
  }

  @Test
  void otherFilesAreUnreadable() {
    assertThatThrownBy(() -> decoder.decode(new byte[0], "x.png")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> decoder.decode("<html>no</html>".getBytes(), "x.png"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("x.png")
        .hasMessageContaining("accepted: JPEG, PNG");
  }

  @Test
  void hugeImagesAreRefusedBeforeDecoding() {
    byte[] bomb = halves("png", 4, 4, RED, BLUE);
    ByteBuffer.wrap(bomb).putInt(16, 60_000).putInt(20, 60_000);
    assertThatThrownBy(() -> decoder.decode(bomb, "bomb.png"))
        .hasMessageContaining("bomb.png: 60000 x 60000 pixels; accepted: up to 100000000");
    ImageDecoder small = new ImageDecoder(39);
    for (String kind : new String[] {"jpg", "png", "bmp", "tiff"}) {
      byte[] file = halves(kind, 5, 8, RED, BLUE);
      assertThatThrownBy(() -> small.decode(file, "x"))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("8 x 5 pixels; accepted: up to 39");
      assertThat(new ImageDecoder(40).decode(file, "x").width()).isEqualTo(8);
    }
    assertThatThrownBy(() -> new ImageDecoder(0)).isInstanceOf(IllegalArgumentException.class);
  }

  /** A TIFF directory with sizes of a type, in classic or big TIFF, of which nothing is decoded. */
  private static byte[] tiff(ByteOrder order, boolean big, int type, int... tagsAndValues) {
    ByteBuffer file = ByteBuffer.allocate(200).order(order);
    byte mark = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
    file.put(mark).put(mark).putShort((short) (big ? 43 : 42));
    if (big) {
      file.putShort((short) 8).putShort((short) 0).putLong(24).position(24);
      file.putLong(tagsAndValues.length / 2);
    } else {
      file.putInt(16).position(16).putShort((short) (tagsAndValues.length / 2));
    }
    for (int i = 0; i < tagsAndValues.length; i += 2) {
      int next = file.position() + (big ? 20 : 12);
      file.putShort((short) tagsAndValues[i]).putShort((short) type);
      if (big) {
        file.putLong(1);
      } else {
        file.putInt(1);
      }
      if (type == 3) {
        file.putShort((short) tagsAndValues[i + 1]);
      } else if (type == 4) {
        file.putInt(tagsAndValues[i + 1]);
      } else {
        file.putLong(tagsAndValues[i + 1]);
      }
      file.position(next);
    }
    return file.array();
  }

  @ParameterizedTest
  @CsvSource({"false, 3", "false, 4", "true, 3", "true, 4", "true, 16"})
  void tiffBombsAreRefusedBeforeDecoding(boolean big, int type) {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      byte[] bomb = tiff(order, big, type, 256, 30_000, 257, 40_000);
      assertThatThrownBy(() -> decoder.decode(bomb, "bomb.tif"))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessage("bomb.tif: 30000 x 40000 pixels; accepted: up to 100000000 pixels");
      byte[] tile = tiff(order, big, type, 256, 16, 257, 16, 322, 32_000, 323, 32_000);
      assertThatThrownBy(() -> decoder.decode(tile, "tile.tif"))
          .hasMessageContaining("tile.tif: 32000 x 32000 pixels; accepted: up to 100000000");
    }
  }

  @Test
  void damagedTiffDirectoriesAreRefused() {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    byte[] without = tiff(order, false, 4, 256, 16);
    byte[] outside = tiff(order, false, 4, 256, 16, 257, 16);
    ByteBuffer.wrap(outside).order(order).putInt(4, -2);
    byte[] endless = tiff(order, true, 4, 300, 16);
    ByteBuffer.wrap(endless).order(order).putLong(24, Long.MAX_VALUE);
    byte[] atTheEnd = tiff(order, false, 4, 256, 16, 257, 16);
    ByteBuffer.wrap(atTheEnd).order(order).putInt(4, atTheEnd.length - 2);
    for (byte[] file : new byte[][] {without, outside, endless, atTheEnd}) {
      assertThatThrownBy(() -> decoder.decode(file, "x.tif"))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessage("x.tif: damaged TIFF file, it does not tell its size");
    }
  }

  @Test
  void missingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> decoder.read(folder.resolve("gone.jpg")))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("gone.jpg")
        .hasMessageContaining("no such file");
  }

  @Test
  void fileIsRead(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("ünï.png");
    Files.write(file, halves("png", 2, 4, RED, BLUE));
    assertThat(rgb(decoder.read(file), 0, 0)).isEqualTo(RED);
  }

  private static boolean close(Image image, int y, int x, int expected) {
    int found = rgb(image, y, x);
    for (int shift = 0; shift < 24; shift += 8) {
      if (Math.abs((found >> shift & 0xFF) - (expected >> shift & 0xFF)) > 12) {
        return false;
      }
    }
    return true;
  }

  @Test
  @Timeout(20)
  void devicesAndPipesAreNotRead(@TempDir Path folder) throws Exception {
    Path zero = Path.of("/dev/zero");
    assumeTrue(Files.exists(zero), "no /dev/zero");
    assertThatThrownBy(() -> decoder.read(zero))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("/dev/zero: cannot be read: is not a regular file");
    Path pipe = folder.resolve("pipe.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> decoder.read(pipe))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("pipe.png: cannot be read: is not a regular file");
  }
}
