package org.dc4j.eval;

import java.util.Arrays;

/**
 * Linear assignment by shortest augmenting paths with dual prices (Jonker and Volgenant 1987, after
 * the Hungarian method): O(r^2 c) for r rows and c >= r columns. Stateless.
 */
public final class LinearAssignment {
  private LinearAssignment() {}

  /**
   * The one-to-one matching of least total cost; every row is matched, or every column where there
   * are more rows than columns.
   *
   * @param costs [r x c], finite, r >= 1, c >= 1
   * @return [r] column of each row, -1 for rows left over
   * @throws IllegalArgumentException if the matrix is empty, ragged or holds NaN or infinity
   */
  public static int[] minimize(double[][] costs) {
    requireMatrix(costs);
    int rows = costs.length;
    int columns = costs[0].length;
    if (rows <= columns) {
      return match(costs);
    }
    double[][] transposed = new double[columns][rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j][i] = costs[i][j];
      }
    }
    return inverse(match(transposed), rows);
  }

  // Rows join one after the other; each finds the cheapest alternating path to a free column under
  // the reduced costs cost[i][j] - rowPrice[i] - columnPrice[j] >= 0 (Dijkstra), then flips it.
  private static int[] match(double[][] costs) {
    int rows = costs.length;
    int columns = costs[0].length;
    double[] rowPrice = new double[rows];
    double[] columnPrice = new double[columns];
    int[] rowOf = new int[columns];
    Arrays.fill(rowOf, -1);
    int[] before = new int[columns];
    double[] distance = new double[columns];
    boolean[] settled = new boolean[columns];
    for (int start = 0; start < rows; start++) {
      Arrays.fill(distance, Double.POSITIVE_INFINITY);
      Arrays.fill(settled, false);
      int row = start;
      int reached = -1;
      double length = 0;
      while (row >= 0) {
        int nearest = -1;
        for (int j = 0; j < columns; j++) {
          if (settled[j]) {
            continue;
          }
          double through = length + costs[row][j] - rowPrice[row] - columnPrice[j];
          if (through < distance[j]) {
            distance[j] = through;
            before[j] = reached;
          }
          if (nearest < 0 || distance[j] < distance[nearest]) {
            nearest = j;
          }
        }
        settled[nearest] = true;
        length = distance[nearest];
        reached = nearest;
        row = rowOf[nearest];
      }
      for (int j = 0; j < columns; j++) {
        if (settled[j]) {
          columnPrice[j] -= length - distance[j];
          if (rowOf[j] >= 0) {
            rowPrice[rowOf[j]] += length - distance[j];
          }
        }
      }
      rowPrice[start] += length;
      for (int j = reached; j >= 0; j = before[j]) {
        rowOf[j] = before[j] < 0 ? start : rowOf[before[j]];
      }
    }
    return inverse(rowOf, rows);
  }

  private static int[] inverse(int[] partners, int size) {
    int[] inverse = new int[size];
    Arrays.fill(inverse, -1);
    for (int i = 0; i < partners.length; i++) {
      if (partners[i] >= 0) {
        inverse[partners[i]] = i;
      }
    }
    return inverse;
  }

  private static void requireMatrix(double[][] costs) {
    if (costs.length == 0 || costs[0].length == 0) {
      throw new IllegalArgumentException("cost matrix without entries; at least [1 x 1] is needed");
    }
    for (int i = 0; i < costs.length; i++) {
      if (costs[i].length != costs[0].length) {
        throw new IllegalArgumentException(
            "row %d has %d costs, row 0 has %d".formatted(i, costs[i].length, costs[0].length));
      }
      for (int j = 0; j < costs[i].length; j++) {
        if (!Double.isFinite(costs[i][j])) {
          throw new IllegalArgumentException(
              "cost (%d, %d) is %s; accepted: finite numbers".formatted(i, j, costs[i][j]));
        }
      }
    }
  }
}
