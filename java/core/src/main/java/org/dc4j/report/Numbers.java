package org.dc4j.report;

import java.util.Locale;

/** Numbers as people read them; the same on every machine. */
final class Numbers {
  private Numbers() {}

  /** A whole number with thousands separated: 12,345. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A measurement with about four digits: 0.1234, 12.35, 12,345. */
  static String measure(double value) {
    return measure(value, value);
  }

  /** As {@link #measure(double)} with as many decimals as {@code like} gets: a mean's spread. */
  static String measure(double value, double like) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(like);
    if (size != 0 && size < 0.0005) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    boolean whole = like == Math.rint(like) && value == Math.rint(value);
    int decimals = size >= 1000 || whole ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** A share as per cent: 12.3 %. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** An axis label for a tick of an axis whose ticks are {@code step} apart. */
  static String tick(double value, double step) {
    double size = Math.abs(value);
    if (size >= 1e6 || (size >= 1e4 && step >= 100)) {
      double unit = size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : 1e3;
      String letter = unit == 1e9 ? "G" : unit == 1e6 ? "M" : "k";
      return tick(value / unit, step / unit) + letter;
    }
    if (step < 1e-4) {
      return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
    int decimals = 0; // as many as it takes to write the step exactly: 2 for 0.25
    for (double scaled = step; Math.abs(scaled - Math.rint(scaled)) > 1e-6 * scaled; scaled *= 10) {
      decimals++;
    }
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    return text.startsWith("-") && Double.parseDouble(text.replace(",", "")) == 0
        ? text.substring(1)
        : text;
  }

  /** A duration: 3.2 s, 7 min 20 s, 2 h 14 min. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (seconds < 59.5) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    if (whole < 3600) {
      return whole / 60 + " min " + whole % 60 + " s";
    }
    return count(whole / 3600) + " h " + whole % 3600 / 60 + " min";
  }
}
