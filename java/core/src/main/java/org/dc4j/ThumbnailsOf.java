package org.dc4j;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.report.Thumbnails;

/** Small PNGs of a data set's images for the report. */
final class ThumbnailsOf implements Thumbnails {
  private static final int LONGEST_SIDE = 96;

  private final ImageSource images;

  ThumbnailsOf(ImageSource images) {
    this.images = images;
  }

  @Override
  public byte[] png(int id) {
    BufferedImage small = shrink(toBuffered(images.read(id)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(small, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("thumbnail of " + images.name(id), e);
    }
    return out.toByteArray();
  }

  private static BufferedImage toBuffered(Image image) {
    int kind = image.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage buffered = new BufferedImage(image.width(), image.height(), kind);
    int[] samples = new int[image.pixels().length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = image.pixels()[i] & 0xFF;
    }
    buffered.getRaster().setPixels(0, 0, image.width(), image.height(), samples);
    return buffered;
  }

  private static BufferedImage shrink(BufferedImage image) {
    double scale =
        Math.min(1.0, (double) LONGEST_SIDE / Math.max(image.getWidth(), image.getHeight()));
    if (scale == 1.0) {
      return image;
    }
    int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
    int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
    BufferedImage small = new BufferedImage(width, height, image.getType());
    java.awt.Graphics2D graphics = small.createGraphics();
    graphics.drawImage(
        image.getScaledInstance(width, height, java.awt.Image.SCALE_AREA_AVERAGING), 0, 0, null);
    graphics.dispose();
    return small;
  }
}
