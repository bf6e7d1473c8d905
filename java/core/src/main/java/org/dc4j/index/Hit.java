package org.dc4j.index;

/**
 * An image found.
 *
 * @param row its row in the index
 * @param name its name
 * @param squaredDistance between the unit vectors, 0..4
 */
public record Hit(long row, String name, double squaredDistance) {
  /** Cosine of the angle to the query, 1 - squaredDistance / 2. */
  public double similarity() {
    return 1 - squaredDistance / 2;
  }
}
