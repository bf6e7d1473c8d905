package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class LinearAssignmentTest {
  @Test
  void costsAsLittleAsTheBestOfAllMatchings() {
    RandomStream random = new RandomStream(1);
    for (int round = 0; round < 400; round++) {
      int rows = 1 + random.nextInt(6);
      int columns = 1 + random.nextInt(6);
      double[][] costs = new double[rows][columns];
      for (double[] row : costs) {
        for (int j = 0; j < columns; j++) {
          // Small whole numbers in every other round: many ties and negative costs.
          row[j] = round % 2 == 0 ? random.nextInt(5) - 2 : random.nextDouble(-10, 10);
        }
      }
      int[] match = LinearAssignment.minimize(costs);
      assertThat(cost(costs, match)).isCloseTo(best(costs), within(1e-9));
    }
  }

  @Test
  void matchesEveryRowOrEveryColumnOnce() {
    assertThat(LinearAssignment.minimize(new double[][] {{3, 1, 2}})).containsExactly(1);
    assertThat(LinearAssignment.minimize(new double[][] {{3}, {1}, {2}}))
        .containsExactly(-1, 0, -1);
  }

  @Test
  void thousandByThousandIsQuick() {
    RandomStream random = new RandomStream(2);
    double[][] costs = new double[1000][1000];
    for (double[] row : costs) {
      for (int j = 0; j < row.length; j++) {
        row[j] = -random.nextInt(60);
      }
    }
    int[] match =
        Assertions.assertTimeout(Duration.ofSeconds(20), () -> LinearAssignment.minimize(costs));
    assertThat(Arrays.stream(match).distinct().count()).isEqualTo(1000);
  }

  @Test
  void awkwardInputIsAClearError() {
    assertThatThrownBy(() -> LinearAssignment.minimize(new double[0][]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least [1 x 1]");
    assertThatThrownBy(() -> LinearAssignment.minimize(new double[2][0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LinearAssignment.minimize(new double[][] {{1, 2}, {3}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row 1 has 1");
    assertThatThrownBy(() -> LinearAssignment.minimize(new double[][] {{1, Double.NaN}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(0, 1) is NaN");
  }

  private static double cost(double[][] costs, int[] match) {
    boolean[] used = new boolean[costs[0].length];
    double sum = 0;
    int matched = 0;
    for (int i = 0; i < match.length; i++) {
      if (match[i] >= 0) {
        assertThat(used[match[i]]).isFalse();
        used[match[i]] = true;
        sum += costs[i][match[i]];
        matched++;
      }
    }
    assertThat(matched).isEqualTo(Math.min(costs.length, costs[0].length));
    return sum;
  }

  private static double best(double[][] costs) {
    int skips = Math.max(0, costs.length - costs[0].length);
    return best(costs, 0, new boolean[costs[0].length], skips);
  }

  private static double best(double[][] costs, int row, boolean[] used, int skips) {
    if (row == costs.length) {
      return 0;
    }
    double least = skips > 0 ? best(costs, row + 1, used, skips - 1) : Double.POSITIVE_INFINITY;
    for (int j = 0; j < used.length; j++) {
      if (!used[j]) {
        used[j] = true;
        least = Math.min(least, costs[row][j] + best(costs, row + 1, used, skips));
        used[j] = false;
      }
    }
    return least;
  }
}
