package org.dc4j.report;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** Curves over epochs as SVG. */
final class LineChart {
  private static final int MOST_MARKERS = 60;

  /**
   * A curve; what was not measured is left out.
   *
   * @param x rising, as long as y, at least one
   */
  record Series(String name, double[] x, double[] y) {
    double last() {
      return y[y.length - 1];
    }
  }

  private LineChart() {}

  static String svg(String title, List<Series> series, Axis x, Axis y) {
    ChartFrame frame = new ChartFrame(description(title, series), x, y, "epoch");
    for (int i = 0; i < series.size(); i++) {
      Series one = series.get(i);
      StringJoiner points = new StringJoiner(" ");
      for (int j = 0; j < one.x().length; j++) {
        points.add(
            String.format(Locale.ROOT, "%.1f,%.1f", frame.xAt(one.x()[j]), frame.yAt(one.y()[j])));
      }
      frame.add("<polyline class=\"line s%d\" points=\"%s\"/>", i, points);
      if (one.x().length <= MOST_MARKERS) {
        markers(frame, one, i);
      }
    }
    return frame.finish();
  }

  private static void markers(ChartFrame frame, Series series, int index) {
    for (int j = 0; j < series.x().length; j++) {
      frame.add(
          "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"><title>epoch %s: %s</title></circle>",
          index,
          frame.xAt(series.x()[j]),
          frame.yAt(series.y()[j]),
          Numbers.measure(series.x()[j]),
          Numbers.measure(series.y()[j]));
    }
  }

  private static String description(String title, List<Series> series) {
    StringJoiner parts = new StringJoiner("; ", title + " over epochs: ", "");
    for (Series one : series) {
      parts.add(
          "%s from %s to %s"
              .formatted(one.name(), Numbers.measure(one.y()[0]), Numbers.measure(one.last())));
    }
    return parts.toString();
  }
}
