package org.dc4j.kernels;

/**
 * What power iteration clustering runs with.
 *
 * @param sigma scale of distances, weights are exp(-squared distance / sigma^2); sigma^2 positive
 *     and finite
 * @param alpha share of the neighbours in a step, 0 <= alpha < 1
 * @param iterations steps, 0..1,000,000
 */
public record PicOptions(double sigma, double alpha, int iterations) {
  /** The published ones: 0.2, 0.001, 200, for 5 neighbours of rows of norm 1. */
  public static PicOptions published() {
    return new PicOptions(0.2, 0.001, 200);
  }
}
