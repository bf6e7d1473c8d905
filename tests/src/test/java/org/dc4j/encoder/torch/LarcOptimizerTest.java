package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.OptimizerSpec;
import org.junit.jupiter.api.Test;

/** Layer-wise clipped rates against the definition written out in fp64, and the neck's own rate. */
class LarcOptimizerTest {
  private static final float[] START = {2, -1, 0.5f};
  private static final float[][] GRADIENTS = {{1, 3, -2}, {-0.5f, 0.25f, 4}, {1e-3f, 2e-3f, 0}};

  /** What {@code optimizer} makes of START under GRADIENTS; the parameter is called "w". */
  private static float[] path(OptimizerSpec spec, boolean neck, float[] start) {
    return TorchRuntime.call(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            Tensor w = set.constant("w", 0, start.length);
            TorchRuntime.withoutGradients(() -> w.copy_(Tensor.create(start)));
            try (ParameterOptimizer optimizer =
                ParameterOptimizer.of(spec, set.parameters(), name -> neck)) {
              for (float[] gradient : GRADIENTS) {
                torch.mul(w, Tensor.create(gradient)).sum().backward();
                optimizer.step();
              }
            }
            float[] end = new float[start.length];
            for (int i = 0; i < end.length; i++) {
              end[i] = w.get(i).item_float();
            }
            return end;
          }
        });
  }

  private static double[] expected(double rate, double momentum, double decay, float[] start) {
    double[] w = new double[start.length];
    double[] v = new double[start.length];
    for (int i = 0; i < w.length; i++) {
      w[i] = start[i];
    }
    for (float[] gradient : GRADIENTS) {
      double weight = 0;
      double slope = 0;
      for (int i = 0; i < w.length; i++) {
        weight += w[i] * w[i];
        slope += (double) gradient[i] * gradient[i];
      }
      weight = Math.sqrt(weight);
      slope = Math.sqrt(slope);
      boolean adapts = weight != 0 && slope != 0;
      double local = 0.001 * weight / (slope + decay * weight + 1e-8);
      double share = adapts ? Math.min(local / rate, 1) : 1;
      for (int i = 0; i < w.length; i++) {
        double g = share * (gradient[i] + (adapts ? decay * w[i] : 0));
        v[i] = momentum * v[i] + g;
        w[i] -= rate * v[i];
      }
    }
    return w;
  }

  private static void assertFollows(double rate, double momentum, double decay, float[] start) {
    double[] want = expected(rate, momentum, decay, start);
    float[] got = path(OptimizerSpec.larc(rate, momentum, decay), false, start);
    for (int i = 0; i < want.length; i++) {
      assertThat((double) got[i]).as("w[" + i + "]").isCloseTo(want[i], within(1e-6));
    }
  }

  @Test
  void largeRatesAreClippedToTheTrustedOne() {
    assertFollows(4.8, 0.9, 1e-6, START);
    assertFollows(0.3, 0.9, 0.5, START);
    assertFollows(0.3, 0, 0.5, START);
    // Trusted 0.001 * 2.2913 / 3.7417 = 6.1e-4, momentum 0: a step of that length, not of 0.3.
    float[] end = path(OptimizerSpec.larc(0.3, 0, 0), false, START);
    assertThat(Math.abs(end[1] - START[1])).isBetween(1e-4f, 3e-3f);
  }

  @Test
  void ratesBelowTheTrustedOneStandAsTheyAre() {
    assertFollows(1e-5, 0.9, 0.1, START);
    assertThat(path(OptimizerSpec.larc(1e-5, 0.9, 0.1), false, START))
        .containsExactly(path(OptimizerSpec.sgd(1e-5, 0.9, 0.1), false, START), within(1e-7f));
  }

  @Test
  void zeroParametersTakeTheGradientAsItIs() {
    assertFollows(0.1, 0.9, 0.5, new float[3]);
    assertThat(path(OptimizerSpec.larc(0.1, 0.9, 0.5), false, new float[3])[0]).isNotEqualTo(0);
  }

  @Test
  void theNeckLearnsAtItsOwnRate() {
    OptimizerSpec[] kinds = {
      OptimizerSpec.sgd(0.01, 0.9, 0.1),
      OptimizerSpec.adam(0.01, 0.1),
      OptimizerSpec.larc(1e-4, 0.9, 0)
    };
    for (OptimizerSpec spec : kinds) {
      OptimizerSpec tenfold =
          new OptimizerSpec(
              spec.kind(), 10 * spec.learningRate(), spec.momentum(), spec.weightDecay());
      float[] neck = path(spec.withNeckFactor(10), true, START);
      assertThat(neck).containsExactly(path(tenfold, false, START), within(1e-6f));
      assertThat(path(spec.withNeckFactor(10), false, START)).isEqualTo(path(spec, false, START));
      assertThat(neck).isNotEqualTo(path(spec, false, START));
    }
  }
}
