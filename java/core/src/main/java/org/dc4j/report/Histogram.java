package org.dc4j.report;

import java.util.Arrays;

/** How many values lie in each of some bins of equal width, as SVG. */
final class Histogram {
  private static final int MOST_BINS = 24;

  private Histogram() {}

  /**
   * @param values whole numbers >= 0, at least one
   * @param xName what a value is
   */
  static String svg(String title, int[] values, String xName) {
    int low = Arrays.stream(values).min().orElseThrow();
    int high = Arrays.stream(values).max().orElseThrow();
    int width = (int) Axis.wholeStep((high - low + 1) / (double) MOST_BINS);
    int first = low / width * width;
    int[] counts = new int[(high - first) / width + 1];
    for (int value : values) {
      counts[(value - first) / width]++;
    }
    // A bin of width 1 is one number: it is centred on its tick.
    double shift = width == 1 ? 0.5 : 0;
    double end = first + (double) counts.length * width;
    Axis x = Axis.wholeBetween(first - shift, end - shift);
    Axis y = Axis.wholeFromZero(Arrays.stream(counts).max().orElseThrow());
    ChartFrame frame =
        new ChartFrame(
            "%s: %d values from %d to %d".formatted(title, values.length, low, high), x, y, xName);
    for (int i = 0; i < counts.length; i++) {
      int from = first + i * width;
      double left = frame.xAt(from - shift);
      double right = frame.xAt(from + width - shift);
      double gap = Math.min(1, (right - left) * 0.1);
      frame.add(
          "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s: %s</title></rect>",
          left + gap,
          frame.yAt(counts[i]),
          right - left - 2 * gap,
          frame.yAt(0) - frame.yAt(counts[i]),
          width == 1 ? Integer.toString(from) : from + " to " + (from + width - 1),
          counts[i]);
    }
    return frame.finish();
  }
}
