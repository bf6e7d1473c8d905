package org.dc4j.report;

import java.awt.image.BufferedImage;
import java.util.List;

/** The digits in 3 x 5 dots: labels on machines without any font. */
final class DigitGlyphs {
  private static final int WIDTH = 3;
  private static final int HEIGHT = 5;

  /** Rows of each digit from 0 to 9, top first. */
  private static final List<String> DIGITS =
      List.of(
          "###|#.#|#.#|#.#|###",
          ".#.|##.|.#.|.#.|###",
          "###|..#|###|#..|###",
          "###|..#|###|..#|###",
          "#.#|#.#|###|..#|..#",
          "###|#..|###|..#|###",
          "###|#..|###|#.#|###",
          "###|..#|..#|..#|..#",
          "###|#.#|###|#.#|###",
          "###|#.#|###|..#|###");

  private DigitGlyphs() {}

  /** Draws a whole number >= 0; what leaves the image is cut off. */
  static void draw(BufferedImage image, String number, int left, int top, int dot, int colour) {
    for (int i = 0; i < number.length(); i++) {
      String glyph = DIGITS.get(number.charAt(i) - '0');
      int x0 = left + i * (WIDTH + 1) * dot;
      for (int y = 0; y < HEIGHT * dot; y++) {
        for (int x = 0; x < WIDTH * dot; x++) {
          boolean set = glyph.charAt(y / dot * (WIDTH + 1) + x / dot) == '#';
          if (set && x0 + x < image.getWidth() && top + y < image.getHeight()) {
            image.setRGB(x0 + x, top + y, colour);
          }
        }
      }
    }
  }
}
