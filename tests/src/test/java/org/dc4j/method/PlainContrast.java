package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.ToDoubleFunction;

/** The contrastive losses and memories of methods.md 1.8 in plain fp64, to compare methods with. */
final class PlainContrast {
  private static final double DIFFERENCE = 1e-5;

  private PlainContrast() {}

  /** -(1/n) sum log softmax(x_i . c_j / temperature) at j = labels[i]. */
  static double infoNce(double[][] x, double[][] memory, int[] labels, double temperature) {
    double loss = 0;
    for (int i = 0; i < x.length; i++) {
      double sum = 0;
      for (double[] row : memory) {
        sum += Math.exp(dot(x[i], row) / temperature);
      }
      loss += Math.log(sum) - dot(x[i], memory[labels[i]]) / temperature;
    }
    return loss / x.length;
  }

  /** Every sample in batch order. */
  static double[][] updated(double[][] memory, double[][] x, int[] labels, double oldWeight) {
    double[][] after = copy(memory);
    for (int i = 0; i < x.length; i++) {
      after[labels[i]] = mixed(after[labels[i]], x[i], oldWeight);
    }
    return after;
  }

  /** For each label the sample with the smallest product with the memory row before. */
  static double[][] updatedHard(double[][] memory, double[][] x, int[] labels, double oldWeight) {
    double[][] after = copy(memory);
    for (int c = 0; c < memory.length; c++) {
      int hardest = -1;
      for (int i = 0; i < x.length; i++) {
        boolean harder =
            labels[i] == c && (hardest < 0 || dot(x[i], memory[c]) < dot(x[hardest], memory[c]));
        hardest = harder ? i : hardest;
      }
      if (hardest >= 0) {
        after[c] = mixed(memory[c], x[hardest], oldWeight);
      }
    }
    return after;
  }

  /** Central differences of a loss of x. */
  static double[][] gradient(double[][] x, ToDoubleFunction<double[][]> loss) {
    double[][] gradient = new double[x.length][x[0].length];
    double[][] moved = copy(x);
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x[i].length; j++) {
        moved[i][j] = x[i][j] + DIFFERENCE;
        double above = loss.applyAsDouble(moved);
        moved[i][j] = x[i][j] - DIFFERENCE;
        double below = loss.applyAsDouble(moved);
        moved[i][j] = x[i][j];
        gradient[i][j] = (above - below) / (2 * DIFFERENCE);
      }
    }
    return gradient;
  }

  /** Means of the rows of each label; no label is empty. */
  static double[][] means(double[][] x, int[] labels, int k) {
    double[][] means = new double[k][x[0].length];
    int[] counts = new int[k];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; labels[i] >= 0 && j < x[i].length; j++) {
        means[labels[i]][j] += x[i][j];
      }
      if (labels[i] >= 0) {
        counts[labels[i]]++;
      }
    }
    for (int c = 0; c < k; c++) {
      for (int j = 0; j < means[c].length; j++) {
        means[c][j] /= counts[c];
      }
    }
    return means;
  }

  static double[] mixed(double[] old, double[] x, double oldWeight) {
    double[] mixed = new double[old.length];
    for (int j = 0; j < mixed.length; j++) {
      mixed[j] = oldWeight * old[j] + (1 - oldWeight) * x[j];
    }
    return unit(mixed);
  }

  static double[] unit(double[] x) {
    double[] unit = x.clone();
    double norm = Math.sqrt(dot(x, x));
    for (int j = 0; j < unit.length; j++) {
      unit[j] /= norm;
    }
    return unit;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  static double[][] rows(float[] values, int d) {
    double[][] rows = new double[values.length / d][d];
    for (int i = 0; i < values.length; i++) {
      rows[i / d][i % d] = values[i];
    }
    return rows;
  }

  static double[][] rows(float[][] values) {
    double[][] rows = new double[values.length][values[0].length];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[i].length; j++) {
        rows[i][j] = values[i][j];
      }
    }
    return rows;
  }

  static void assertClose(double[][] got, double[][] expected, double tolerance) {
    assertThat(got).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        assertThat(got[i][j])
            .as("row %d, column %d", i, j)
            .isCloseTo(expected[i][j], within(tolerance));
      }
    }
  }

  private static double[][] copy(double[][] x) {
    double[][] copy = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      copy[i] = x[i].clone();
    }
    return copy;
  }
}
