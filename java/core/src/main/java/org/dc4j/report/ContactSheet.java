package org.dc4j.report;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.FormatException;

/**
 * The most typical images of a run's largest clusters as one PNG: a row per cluster, its number and
 * below it its size at the left. Pixels are set one by one, so that it works without a display and
 * without fonts.
 */
public final class ContactSheet {
  private static final int GAP = 4;
  private static final int LABEL_WIDTH = 72;
  private static final int BACKGROUND = 0xffffff;
  private static final int MISSING = 0xd5dadf;
  private static final int INK = 0x1c2430;
  private static final int SOFT = 0x7a8694;
  private static final long MOST_PIXELS = 1L << 27;

  private ContactSheet() {}

  /**
   * Writes a sheet atomically.
   *
   * @param png file to write
   * @param rows clusters, the largest; fewer if the run has fewer
   * @param columns images per cluster
   * @param cell side of an image in pixels
   * @throws FormatException if the run has no assignments.csv
   */
  public static void write(
      Path runFolder, Thumbnails thumbnails, Path png, int rows, int columns, int cell) {
    if (rows < 1 || columns < 1 || cell < 16) {
      throw new IllegalArgumentException(
          "%d rows of %d images of %d pixels; accepted are at least 1, 1 and 16"
              .formatted(rows, columns, cell));
    }
    AssignmentTable table = AssignmentTable.read(runFolder.resolve("assignments.csv"));
    List<ClusterSample> all = ClusterSample.of(table, columns);
    if (all.isEmpty()) {
      throw new FormatException(
          runFolder.resolve("assignments.csv"), "no image belongs to a cluster");
    }
    List<ClusterSample> clusters = all.subList(0, Math.min(rows, all.size()));
    BufferedImage sheet = blank(clusters.size(), columns, cell);
    for (int row = 0; row < clusters.size(); row++) {
      ClusterSample cluster = clusters.get(row);
      int top = GAP + row * (cell + GAP);
      DigitGlyphs.draw(sheet, Integer.toString(cluster.cluster()), GAP, top, 3, INK);
      DigitGlyphs.draw(sheet, Integer.toString(cluster.size()), GAP, top + 20, 2, SOFT);
      List<Integer> shown = cluster.typical();
      for (int i = 0; i < Math.min(columns, shown.size()); i++) {
        Optional<Picture> picture = Picture.of(thumbnails, table.id(shown.get(i)));
        place(picture, sheet, LABEL_WIDTH + i * (cell + GAP), top, cell);
      }
    }
    AtomicFiles.write(png, encode(sheet));
  }

  private static BufferedImage blank(int rows, int columns, int cell) {
    long width = LABEL_WIDTH + (long) columns * (cell + GAP);
    long height = GAP + (long) rows * (cell + GAP);
    if (width > MOST_PIXELS || height > MOST_PIXELS || width * height > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "a sheet of %d x %d pixels is too large; accepted are %d pixels"
              .formatted(width, height, MOST_PIXELS));
    }
    BufferedImage sheet = new BufferedImage((int) width, (int) height, BufferedImage.TYPE_INT_RGB);
    Arrays.fill(((DataBufferInt) sheet.getRaster().getDataBuffer()).getData(), BACKGROUND);
    return sheet;
  }

  /** Draws a picture centred in its cell, shrunk by area averages or enlarged by whole pixels. */
  private static void place(
      Optional<Picture> picture, BufferedImage sheet, int left, int top, int cell) {
    Optional<BufferedImage> decoded = picture.flatMap(ContactSheet::decode);
    if (decoded.isEmpty()) {
      fill(sheet, left, top, cell);
      return;
    }
    BufferedImage image = decoded.get();
    double scale = (double) cell / Math.max(image.getWidth(), image.getHeight());
    int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
    int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
    int x0 = left + (cell - width) / 2;
    int y0 = top + (cell - height) / 2;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        sheet.setRGB(x0 + x, y0 + y, average(image, x, y, width, height));
      }
    }
  }

  /** Mean colour, over white, of the source pixels under target pixel (x, y). */
  private static int average(BufferedImage image, int x, int y, int width, int height) {
    int x0 = (int) ((long) x * image.getWidth() / width);
    int y0 = (int) ((long) y * image.getHeight() / height);
    int x1 = Math.max(x0 + 1, (int) ((long) (x + 1) * image.getWidth() / width));
    int y1 = Math.max(y0 + 1, (int) ((long) (y + 1) * image.getHeight() / height));
    long red = 0;
    long green = 0;
    long blue = 0;
    for (int v = y0; v < y1; v++) {
      for (int u = x0; u < x1; u++) {
        int argb = image.getRGB(u, v);
        int alpha = argb >>> 24;
        red += overWhite(argb >> 16, alpha);
        green += overWhite(argb >> 8, alpha);
        blue += overWhite(argb, alpha);
      }
    }
    long count = (long) (x1 - x0) * (y1 - y0);
    return (int) (red / count << 16 | green / count << 8 | blue / count);
  }

  private static int overWhite(int colour, int alpha) {
    return ((colour & 0xff) * alpha + 255 * (255 - alpha)) / 255;
  }

  private static void fill(BufferedImage sheet, int left, int top, int cell) {
    for (int y = 0; y < cell; y++) {
      for (int x = 0; x < cell; x++) {
        sheet.setRGB(left + x, top + y, MISSING);
      }
    }
  }

  private static Optional<BufferedImage> decode(Picture picture) {
    try {
      // A stream of our own: ImageIO would put a cache file on disk. It closes the stream itself.
      ByteArrayInputStream bytes = new ByteArrayInputStream(picture.png());
      return Optional.ofNullable(ImageIO.read(new MemoryCacheImageInputStream(bytes)));
    } catch (IOException | RuntimeException damaged) {
      return Optional.empty(); // shown as a grey box
    }
  }

  private static byte[] encode(BufferedImage sheet) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(sheet, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot encode a PNG: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }
}
