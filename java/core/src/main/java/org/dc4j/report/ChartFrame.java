package org.dc4j.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * The part that all charts share: an SVG of fixed coordinates that scales with the page, with grid,
 * ticks and axis names. Colours are CSS classes of the page.
 */
final class ChartFrame {
  private static final int WIDTH = 340;
  private static final int HEIGHT = 200;
  private static final int LEAST_LEFT = 46;
  private static final int TICK_GAP = 7;
  private static final double DIGIT_WIDTH = 7.7; // of the widest usual fonts, 12 px
  private static final int RIGHT = 14;
  private static final int TOP = 10;
  private static final int BOTTOM = 42;

  private final Axis x;
  private final Axis y;
  private final int left; // room for the longest label
  private final StringBuilder svg = new StringBuilder();

  ChartFrame(String description, Axis x, Axis y, String xName) {
    this.x = x;
    this.y = y;
    int longest = Arrays.stream(y.labels()).mapToInt(String::length).max().orElse(0);
    this.left = Math.max(LEAST_LEFT, TICK_GAP + (int) Math.ceil(longest * DIGIT_WIDTH));
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        WIDTH, HEIGHT, Html.escape(description));
    for (int i = 0; i < y.ticks().length; i++) {
      double at = yAt(y.ticks()[i]);
      add(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          left, WIDTH - RIGHT, at, at);
      add(
          "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          left - TICK_GAP, at + 4, y.labels()[i]);
    }
    add(
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
        left, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM);
    for (int i = 0; i < x.ticks().length; i++) {
      double at = xAt(x.ticks()[i]);
      add(
          "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          at, at, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4);
      add(
          "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          at, HEIGHT - BOTTOM + 18, x.labels()[i]);
    }
    add(
        "<text class=\"name\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
        (left + WIDTH - RIGHT) / 2.0, HEIGHT - 5, Html.escape(xName));
  }

  double xAt(double value) {
    return left + x.at(value) * (WIDTH - left - RIGHT);
  }

  double yAt(double value) {
    return HEIGHT - BOTTOM - y.at(value) * (HEIGHT - BOTTOM - TOP);
  }

  /** Adds markup; numbers are written the same everywhere. */
  void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  String finish() {
    return svg.append("</svg>").toString();
  }
}
