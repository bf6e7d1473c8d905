package org.dc4j.data.source;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.dc4j.data.DataException;
import org.dc4j.format.FileErrors;

/** Sprites of any size on one canvas: centred, laid over white, shrunk where they are larger. */
final class SpritePixels {
  /** Height and width of the canvas; most sprites have it. */
  static final int SIDE = 72;

  private SpritePixels() {}

  /** The canvas [SIDE x SIDE x 3] with a file's picture. */
  static byte[] read(Path file) {
    BufferedImage sprite;
    try {
      sprite = ImageIO.read(file.toFile());
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
    if (sprite == null) {
      throw new DataException(file + ": not an image");
    }
    BufferedImage canvas = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = canvas.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, SIDE, SIDE);
    int longest = Math.max(SIDE, Math.max(sprite.getWidth(), sprite.getHeight()));
    int width = Math.max(1, sprite.getWidth() * SIDE / longest);
    int height = Math.max(1, sprite.getHeight() * SIDE / longest);
    graphics.drawImage(sprite, (SIDE - width) / 2, (SIDE - height) / 2, width, height, null);
    graphics.dispose();
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = canvas.getRGB(i % SIDE, i / SIDE);
      pixels[3 * i] = (byte) (rgb >> 16);
      pixels[3 * i + 1] = (byte) (rgb >> 8);
      pixels[3 * i + 2] = (byte) rgb;
    }
    return pixels;
  }
}
