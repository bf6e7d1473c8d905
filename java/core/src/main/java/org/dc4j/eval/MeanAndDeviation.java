package org.dc4j.eval;

/**
 * A score measured with several seeds.
 *
 * @param mean over the seeds
 * @param deviation sample standard deviation over the seeds, 0 for a single one
 */
public record MeanAndDeviation(double mean, double deviation) {
  /** Of one value or more. */
  public static MeanAndDeviation of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values; at least one is needed");
    }
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new MeanAndDeviation(
        mean, values.length == 1 ? 0 : Math.sqrt(squares / (values.length - 1)));
  }
}
