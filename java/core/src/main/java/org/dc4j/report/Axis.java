package org.dc4j.report;

import java.util.Arrays;

/**
 * One axis of a chart: where values lie and where its ticks are.
 *
 * @param min value at position 0
 * @param max value at position 1
 * @param ticks rising, within [min, max]
 * @param labels one per tick
 * @param logarithmic position by log(1 + value), which shows 0 too
 */
record Axis(double min, double max, double[] ticks, String[] labels, boolean logarithmic) {
  private static final int INTERVALS = 4;

  /** Covers [low, high] with ends and ticks at round numbers. */
  static Axis linear(double low, double high) {
    double pad = high > low ? 0 : low == 0 ? 1 : Math.abs(low) * 0.1;
    double step = roundStep((high - low + 2 * pad) / INTERVALS);
    return of(
        Math.floor((low - pad) / step + 1e-9) * step,
        Math.ceil((high + pad) / step - 1e-9) * step,
        step);
  }

  /** Covers [0, high] with ticks at whole numbers. */
  static Axis wholeFromZero(double high) {
    double step = wholeStep(high / INTERVALS);
    return of(0, Math.max(step, Math.ceil(high / step) * step), step);
  }

  /** From low to high exactly, with ticks at whole numbers: epochs. */
  static Axis wholeBetween(double low, double high) {
    double step = wholeStep((high - low) / INTERVALS);
    return high > low ? of(low, high, step) : of(low - 1, high + 1, 1);
  }

  /** [0, 1] for measures that live there, so that runs can be compared by eye. */
  static Axis zeroToOne() {
    return of(0, 1, 0.25);
  }

  /** Covers [0, high] logarithmically with ticks at 0 and powers of ten. */
  static Axis logarithmic(double high) {
    int powers = Math.max(1, (int) Math.ceil(Math.log10(Math.max(1, high)) - 1e-9));
    double[] ticks = new double[powers + 2];
    for (int i = 0; i <= powers; i++) {
      ticks[i + 1] = Math.pow(10, i);
    }
    String[] labels =
        Arrays.stream(ticks)
            .mapToObj(t -> Numbers.tick(t, t >= 1e4 ? t : 1))
            .toArray(String[]::new);
    return new Axis(0, ticks[powers + 1], ticks, labels, true);
  }

  /** Position in [0, 1]. */
  double at(double value) {
    double position =
        logarithmic ? Math.log1p(value) / Math.log1p(max) : (value - min) / (max - min);
    return Math.max(0, Math.min(1, position)); // rounding must not leave the frame
  }

  private static Axis of(double min, double max, double step) {
    double first = Math.ceil(min / step - 1e-9);
    int count = (int) (Math.floor(max / step + 1e-9) - first) + 1;
    double[] ticks = new double[Math.max(0, count)];
    String[] labels = new String[ticks.length];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = (first + i) * step;
      labels[i] = Numbers.tick(ticks[i], step);
    }
    return new Axis(min, max, ticks, labels, false);
  }

  /** The next of 1, 2, 2.5, 5 times a power of ten. */
  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double factor : new double[] {1, 2, 2.5, 5}) {
      if (factor * power >= step * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The next of 1, 2, 5, 10, 20, 25, 50, ... */
  static double wholeStep(double step) {
    double round = step > 1 ? roundStep(step) : 1;
    return round == 2.5 ? 5 : round;
  }
}
