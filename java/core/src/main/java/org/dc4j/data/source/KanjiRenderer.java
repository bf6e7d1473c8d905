package org.dc4j.data.source;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.file.Path;
import org.dc4j.data.DataException;

/** Draws single characters of one font: white on black, 64 x 64 grey pixels, centred. */
final class KanjiRenderer {
  /** Height and width of an image. */
  static final int SIDE = 64;

  private static final float POINTS = 48;
  private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

  private final Font font;

  /**
   * Loads a font.
   *
   * @throws DataException if the file is not a font or Java cannot draw on this machine
   */
  KanjiRenderer(Path file) {
    try {
      font = Font.createFont(Font.TRUETYPE_FONT, file.toFile()).deriveFont(POINTS);
    } catch (FontFormatException | IOException e) {
      throw new DataException(file + ": not a usable font: " + e.getMessage(), e);
    } catch (LinkageError | InternalError | RuntimeException e) {
      // What Java throws where its libraries for fonts find nothing to work with differs by
      // version.
      throw new DataException(
          "Java cannot draw text on this machine ("
              + e
              + "); it needs the libraries fontconfig and"
              + " freetype and any font installed (Debian: fontconfig, fonts-dejavu-core)",
          e);
    }
  }

  /** Whether the font has the character. */
  boolean has(int codePoint) {
    return font.canDisplay(codePoint) && !bounds(codePoint).isEmpty();
  }

  private GlyphVector glyphs(int codePoint) {
    return font.createGlyphVector(CONTEXT, Character.toString(codePoint));
  }

  private Rectangle bounds(int codePoint) {
    return glyphs(codePoint).getPixelBounds(CONTEXT, 0, 0);
  }

  /** The character's pixels, [SIDE x SIDE]; what does not fit is cut off on both sides alike. */
  byte[] draw(int codePoint) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setColor(Color.WHITE);
    Rectangle bounds = bounds(codePoint);
    graphics.drawGlyphVector(
        glyphs(codePoint),
        (SIDE - bounds.width) / 2 - bounds.x,
        (SIDE - bounds.height) / 2 - bounds.y);
    graphics.dispose();
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }
}
