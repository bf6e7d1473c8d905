package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dc4j.encoder.Pooling;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Window;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions, ghost batch norm, generalised means and unit rows against their formulas in fp64.
 */
class EncoderLayersTest {
  private static final BatchNorm.Rule PLAIN = new BatchNorm.Rule(0, false, 0.1, 1e-5);

  @Test
  void groupsOfRows() {
    assertThat(BatchNorm.groups(10, 0)).containsExactly(10);
    assertThat(BatchNorm.groups(4, 4)).containsExactly(4);
    assertThat(BatchNorm.groups(3, 4)).containsExactly(3);
    assertThat(BatchNorm.groups(8, 4)).containsExactly(4, 4);
    assertThat(BatchNorm.groups(10, 4)).containsExactly(4, 4, 2);
    assertThat(BatchNorm.groups(9, 4)).containsExactly(4, 5);
    assertThat(BatchNorm.groups(5, 4)).containsExactly(5);
  }

  /** Values, running statistics and input gradients of rows [from, to) by the textbook. */
  private static void ghost(
      double[][] x,
      double[][] g,
      int from,
      int to,
      double[][] y,
      double[][] dx,
      double[][] running) {
    int n = to - from;
    for (int c = 0; c < x[0].length; c++) {
      double mean = 0;
      for (int i = from; i < to; i++) {
        mean += x[i][c] / n;
      }
      double variance = 0;
      for (int i = from; i < to; i++) {
        variance += (x[i][c] - mean) * (x[i][c] - mean) / n;
      }
      double deviation = Math.sqrt(variance + 1e-5);
      double meanG = 0;
      double meanGx = 0;
      for (int i = from; i < to; i++) {
        y[i][c] = (x[i][c] - mean) / deviation;
        meanG += g[i][c] / n;
        meanGx += g[i][c] * y[i][c] / n;
      }
      for (int i = from; i < to; i++) {
        dx[i][c] = (g[i][c] - meanG - y[i][c] * meanGx) / deviation;
      }
      running[0][c] = 0.9 * running[0][c] + 0.1 * mean;
      running[1][c] = 0.9 * running[1][c] + 0.1 * variance * n / (n - 1);
    }
  }

  @Test
  void ghostBatchNormIsBatchNormOfEachGroupInTurn() {
    double[][] x = random(9, 3, 1);
    double[][] g = random(9, 3, 2);
    double[][] y = new double[9][3];
    double[][] dx = new double[9][3];
    double[][] running = {new double[3], {1, 1, 1}};
    ghost(x, g, 0, 4, y, dx, running);
    ghost(x, g, 4, 9, y, dx, running); // the ninth row would be alone
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            BatchNorm.Rule rule = new BatchNorm.Rule(4, false, 0.1, 1e-5);
            BatchNorm norm = new BatchNorm(set, "n", 3, rule);
            Tensor input = tensor(x);
            input.set_requires_grad(true);
            Tensor output = norm.forward(input, true);
            output.mul(tensor(g)).sum().backward();
            assertClose(output, y, 1e-5);
            assertClose(input.grad(), dx, 1e-5);
            assertThat(set.copy().get("n.num_batches_tracked").longs()).containsExactly(2);
            for (int c = 0; c < 3; c++) {
              assertThat(set.copy().get("n.running_mean").floats()[c])
                  .isCloseTo((float) running[0][c], within(1e-6f));
              assertThat(set.copy().get("n.running_var").floats()[c])
                  .isCloseTo((float) running[1][c], within(1e-6f));
            }
            // Maps [b x C x 1 x 1] are the same rows.
            ParameterSet other = new ParameterSet();
            Tensor map = tensor(x).view(9, 3, 1, 1);
            assertClose(
                new BatchNorm(other, "n", 3, rule).forward(map, true).flatten(1, -1), y, 1e-5);
            assertThat(Fixtures.bytes(other.copy())).isEqualTo(Fixtures.bytes(set.copy()));
            other.close();
          }
        });
  }

  @Test
  void frozenBatchNormUsesAndKeepsItsRunningStatistics() {
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            double[][] x = random(6, 2, 3);
            BatchNorm trained = new BatchNorm(set, "a", 2, PLAIN);
            trained.forward(tensor(x), true);
            BatchNorm frozen = new BatchNorm(set, "b", 2, new BatchNorm.Rule(2, true, 0.1, 1e-5));
            String before = Fixtures.bytes(set.copy());
            assertClose(frozen.forward(tensor(x), true), scaled(x, 1 / Math.sqrt(1 + 1e-5)), 1e-6);
            frozen.forward(tensor(random(1, 2, 1)), true); // a single row has no statistics to take
            assertThat(Fixtures.bytes(set.copy())).isEqualTo(before);
            assertThatThrownBy(() -> trained.forward(tensor(random(1, 2, 1)), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("batch norm 'a' has one value per channel");
            assertThat(Fixtures.bytes(set.copy())).isEqualTo(before);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"24, 64, 3", "64, 24, 3", "40, 24, 5", "100, 8, 3", "3, 64, 7", "32, 32, 3"})
  void convolutionsOfAnyNumberOfChannels(int in, int out, int kernel) {
    TorchRuntime.run(
        2,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            torch.manual_seed(3);
            Conv2d layer = new Conv2d(set, "c", in, out, new Window(kernel, 1, kernel / 2), false);
            Tensor weight = set.parameters().get("c.weight");
            Tensor exact = weight.detach().to(ScalarType.Double);
            exact.set_requires_grad(true);
            Tensor image = torch.randn(new long[] {4, in, 6, 8});
            Tensor x = image.detach().to(ScalarType.Double);
            image.set_requires_grad(true);
            x.set_requires_grad(true);
            long[] one = {1, 1};
            long[] padding = {kernel / 2, kernel / 2};
            // In fp64 libtorch leaves oneDNN out.
            Tensor want = torch.conv2d(x, exact, set.none(), one, padding, one, 1);
            Tensor got = layer.forward(image);
            Tensor gradient = torch.randn(new long[] {4, out, 6, 8});
            got.mul(gradient).sum().backward();
            want.mul(gradient.to(ScalarType.Double)).sum().backward();
            assertThat(error(got.detach(), want.detach())).isLessThan(1e-5);
            assertThat(error(weight.grad(), exact.grad())).isLessThan(1e-5);
            if (in > 4) { // images have no use for a gradient
              assertThat(error(image.grad(), x.grad())).isLessThan(1e-5);
            }
          }
        });
  }

  /** Largest difference as a share of the largest value. */
  private static double error(Tensor got, Tensor want) {
    double worst = got.to(ScalarType.Double).sub(want).abs().max().item_double();
    return worst / want.abs().max().item_double();
  }

  private static double generalizedMean(double[] map, double p) {
    double sum = 0;
    for (double value : map) {
      sum += Math.pow(Math.max(value, 1e-6), p) / map.length;
    }
    return Math.pow(sum, 1 / p);
  }

  @Test
  void generalizedMeanAndItsGradients() {
    double[][] x = random(2, 12, 4); // 2 images x 3 channels x 2 x 2, negative values among them
    Arrays.fill(x[1], 4, 8, 0); // a dead channel
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            PoolingLayer pool = PoolingLayer.of(Pooling.GEM, 1, set);
            Tensor input = tensor(x);
            input.set_requires_grad(true);
            Tensor output = pool.forward(input.view(2, 3, 2, 2));
            output.sum().backward();
            double[][] want = new double[2][3];
            double slope = 0;
            double h = 1e-5;
            for (int i = 0; i < 2; i++) {
              for (int c = 0; c < 3; c++) {
                double[] map = Arrays.copyOfRange(x[i], 4 * c, 4 * c + 4);
                want[i][c] = generalizedMean(map, 3);
                slope += (generalizedMean(map, 3 + h) - generalizedMean(map, 3 - h)) / (2 * h);
                for (int k = 0; k < 4; k++) {
                  double old = map[k];
                  map[k] = old + h;
                  double up = generalizedMean(map, 3);
                  map[k] = old - h;
                  double down = generalizedMean(map, 3);
                  map[k] = old;
                  // At exactly 0 the clamp holds the value; a difference over it would not.
                  double derivative = old == 0 ? 0 : (up - down) / (2 * h);
                  assertThat((double) input.grad().get(i).get(4 * c + k).item_float())
                      .isCloseTo(derivative, within(1e-4));
                }
              }
            }
            assertClose(output, want, 1e-6);
            Tensor power = set.parameters().get("gap.p");
            assertThat((double) power.grad().item_float()).isCloseTo(slope, within(1e-4));
          }
        });
  }

  @Test
  void generalizedMeanOfADeadMapHasFiniteGradientsAtAnyPower() {
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            PoolingLayer pool = PoolingLayer.of(Pooling.GEM, 1, set);
            Tensor power = set.parameters().get("gap.p");
            TorchRuntime.withoutGradients(() -> power.fill_(new Scalar(9.0)));
            Tensor input = torch.zeros(1, 1, 2, 2);
            input.set_requires_grad(true);
            pool.forward(input).sum().backward();
            assertThat(power.grad().item_float()).isFinite();
            assertThat(input.grad().abs().sum().item_float()).isZero();
          }
        });
  }

  @Test
  void generalizedMeansOfAGrid() {
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            double[][] x = random(1, 36, 5);
            Tensor cells = PoolingLayer.of(Pooling.GEM, 3, set).forward(tensor(x).view(1, 1, 6, 6));
            double[] cell = {x[0][16], x[0][17], x[0][22], x[0][23]}; // rows 2-3, columns 4-5
            assertThat((double) cells.get(0).get(5).item_float())
                .isCloseTo(generalizedMean(cell, 3), within(1e-6));
          }
        });
  }

  @Test
  void unitRowsAndTheirGradients() {
    double[][] x = random(3, 4, 6);
    x[1] = new double[4];
    double[][] g = random(3, 4, 7);
    TorchRuntime.run(
        1,
        "test",
        () -> {
          Tensor input = tensor(x);
          input.set_requires_grad(true);
          Tensor output = EncoderNetwork.unit(input);
          output.mul(tensor(g)).sum().backward();
          double[][] y = new double[3][4];
          double[][] dx = new double[3][4];
          for (int i = 0; i < 3; i += 2) {
            double length = 0;
            for (double value : x[i]) {
              length += value * value;
            }
            length = Math.sqrt(length);
            double along = 0;
            for (int j = 0; j < 4; j++) {
              y[i][j] = x[i][j] / length;
              along += y[i][j] * g[i][j];
            }
            for (int j = 0; j < 4; j++) {
              dx[i][j] = (g[i][j] - along * y[i][j]) / length;
            }
          }
          assertClose(output, y, 1e-6); // the zero row stays zero
          assertClose(input.grad(), dx, 1e-5); // and passes no gradient
        });
  }

  private static double[][] random(int rows, int cols, long seed) {
    RandomStream random = new Seeds(seed).stream("layers");
    return map(new double[rows][cols], value -> (double) (float) random.nextDouble(-1, 1));
  }

  private static double[][] scaled(double[][] x, double factor) {
    return map(x, value -> value * factor);
  }

  private static double[][] map(double[][] x, UnaryOperator<Double> function) {
    double[][] y = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i].clone();
      for (int j = 0; j < y[i].length; j++) {
        y[i][j] = function.apply(y[i][j]);
      }
    }
    return y;
  }

  private static Tensor tensor(double[][] rows) {
    float[] values = new float[rows.length * rows[0].length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    return Tensor.create(values).view(rows.length, rows[0].length);
  }

  private static void assertClose(Tensor got, double[][] want, double tolerance) {
    for (int i = 0; i < want.length; i++) {
      for (int j = 0; j < want[i].length; j++) {
        assertThat((double) got.get(i).get(j).item_float())
            .as("[" + i + "][" + j + "]")
            .isCloseTo(want[i][j], within(tolerance));
      }
    }
  }
}
