package org.dc4j;

import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.kernels.FloatMatrix;

/**
 * Features that nothing had to learn. A score means little without theirs beside it: some sets are
 * half solved by colour. Compared by cosine.
 */
public final class Baselines {
  /** Height and width of the pictures of {@link #pixels}. */
  public static final int SIDE = 32;

  private static final int BINS = 8;

  private Baselines() {}

  /**
   * Raw pixels: each image averaged down to 32 x 32 (its shape stretched to a square), values
   * 0..255.
   *
   * @return [n x 1024] if all images are grey, else [n x 3072] interleaved RGB; the caller closes
   *     it
   */
  public static FloatMatrix pixels(ImageSource images) {
    FloatMatrix grey = pixels(images, 1);
    return grey == null ? pixels(images, 3) : grey;
  }

  /** Null as soon as an image has more channels than asked for. */
  private static FloatMatrix pixels(ImageSource images, int channels) {
    FloatMatrix rows = FloatMatrix.allocate(images.size(), (long) SIDE * SIDE * channels);
    try {
      for (int id = 0; id < images.size(); id++) {
        Image image = images.read(id);
        if (image.channels() > channels) {
          rows.close();
          return null;
        }
        rows.setRow(id, averages(image, channels));
      }
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /**
   * Colour histograms: shares of the pixels in 8 x 8 x 8 cells of RGB.
   *
   * @return [n x 512]; the caller closes it
   */
  public static FloatMatrix colourHistograms(ImageSource images) {
    FloatMatrix rows = FloatMatrix.allocate(images.size(), BINS * BINS * BINS);
    try {
      for (int id = 0; id < images.size(); id++) {
        rows.setRow(id, histogram(images.read(id)));
      }
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private static float[] histogram(Image image) {
    int pixels = image.height() * image.width();
    int[] counts = new int[BINS * BINS * BINS];
    for (int i = 0; i < pixels; i++) {
      int cell = 0;
      for (int channel = 0; channel < 3; channel++) {
        cell = cell * BINS + value(image, i, channel) * BINS / 256;
      }
      counts[cell]++;
    }
    float[] shares = new float[counts.length];
    for (int cell = 0; cell < counts.length; cell++) {
      shares[cell] = counts[cell] / (float) pixels;
    }
    return shares;
  }

  private static int value(Image image, int pixel, int channel) {
    int at = pixel * image.channels() + (image.channels() == 1 ? 0 : channel);
    return image.pixels()[at] & 0xFF;
  }

  /** Means over the area of each target pixel, parts of pixels at its edges counted in part. */
  private static float[] averages(Image image, int channels) {
    float[] row = new float[SIDE * SIDE * channels];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int channel = 0; channel < channels; channel++) {
          row[(y * SIDE + x) * channels + channel] = (float) average(image, y, x, channel);
        }
      }
    }
    return row;
  }

  private static double average(Image image, int y, int x, int channel) {
    double height = image.height() / (double) SIDE;
    double width = image.width() / (double) SIDE;
    double sum = 0;
    double area = 0;
    for (int i = (int) (y * height);
        i < Math.min(image.height(), Math.ceil((y + 1) * height));
        i++) {
      double tall = Math.min(i + 1, (y + 1) * height) - Math.max(i, y * height);
      for (int j = (int) (x * width);
          j < Math.min(image.width(), Math.ceil((x + 1) * width));
          j++) {
        double part = tall * (Math.min(j + 1, (x + 1) * width) - Math.max(j, x * width));
        sum += part * value(image, i * image.width() + j, channel);
        area += part;
      }
    }
    return sum / area;
  }
}
