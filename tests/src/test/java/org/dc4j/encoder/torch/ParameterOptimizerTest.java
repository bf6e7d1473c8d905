package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.junit.jupiter.api.Test;

/** The update rules against numbers worked out by hand: w = 2, gradients 1, then 3, -2. */
class ParameterOptimizerTest {
  private static final float[] GRADIENTS = {1, 3, -2};

  /** w after each of the three gradients. */
  private static float[] path(OptimizerSpec spec) {
    return TorchRuntime.call(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            Tensor w = set.constant("w", 2, 1);
            float[] path = new float[GRADIENTS.length];
            try (ParameterOptimizer optimizer = ParameterOptimizer.of(spec, set.parameters())) {
              for (int i = 0; i < path.length; i++) {
                w.mul(torch.full(new long[] {1}, new org.bytedeco.pytorch.Scalar(GRADIENTS[i])))
                    .sum()
                    .backward();
                optimizer.step();
                path[i] = w.item_float();
              }
            }
            return path;
          }
        });
  }

  @Test
  void plainSgd() {
    // 2 - 0.1 * 1, - 0.1 * 3, + 0.1 * 2
    assertThat(path(OptimizerSpec.sgd(0.1, 0, 0)))
        .containsExactly(new float[] {1.9f, 1.6f, 1.8f}, within(1e-6f));
  }

  @Test
  void sgdWithMomentum() {
    // v = 1, 0.9 + 3 = 3.9, 3.51 - 2 = 1.51; w = 1.9, 1.51, 1.359
    assertThat(path(OptimizerSpec.sgd(0.1, 0.9, 0)))
        .containsExactly(new float[] {1.9f, 1.51f, 1.359f}, within(1e-6f));
  }

  @Test
  void sgdWithMomentumAndCoupledWeightDecay() {
    // g = 1 + 0.5 * 2 = 2, v = 2, w = 1.8; g = 3.9, v = 5.7, w = 1.23;
    // g = -2 + 0.615 = -1.385, v = 3.745, w = 0.8555
    assertThat(path(OptimizerSpec.sgd(0.1, 0.9, 0.5)))
        .containsExactly(new float[] {1.8f, 1.23f, 0.8555f}, within(1e-6f));
  }

  @Test
  void adam() {
    // m = 0.1, 0.39, 0.151; s = 0.001, 0.009999, 0.013989001
    // m^ = 1, 0.39/0.19, 0.151/0.271; s^ = 1, 0.009999/0.001999, 0.013989001/0.002997001
    // w = 2 - 0.1 * m^ / sqrt(s^) each = 1.9, 1.80822, 1.78243
    double second = 1.9 - 0.1 * (0.39 / 0.19) / Math.sqrt(0.009999 / 0.001999);
    double third = second - 0.1 * (0.151 / 0.271) / Math.sqrt(0.013989001 / 0.002997001);
    assertThat(path(OptimizerSpec.adam(0.1, 0)))
        .containsExactly(new float[] {1.9f, (float) second, (float) third}, within(2e-6f));
    assertThat(second).isCloseTo(1.80822, within(1e-4));
    assertThat(third).isCloseTo(1.78243, within(1e-4));
  }

  @Test
  void adamWithCoupledWeightDecay() {
    // First step: any gradient moves by the learning rate; g = 1 + 0.5 * 2 = 2.
    // Second: g = 3 + 0.95 = 3.95; m = 0.18 + 0.395 = 0.575; s = 0.003996 + 0.0156025.
    double second = 1.9 - 0.1 * (0.575 / 0.19) / Math.sqrt(0.0195985 / 0.001999);
    float[] path = path(OptimizerSpec.adam(0.1, 0.5));
    assertThat(path[0]).isCloseTo(1.9f, within(1e-6f));
    assertThat(path[1]).isCloseTo((float) second, within(2e-6f));
  }

  @Test
  void learningRateCanChange() {
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            Tensor w = set.constant("w", 2, 1);
            ParameterOptimizer optimizer =
                ParameterOptimizer.of(OptimizerSpec.sgd(0.1, 0, 0), set.parameters());
            w.sum().backward();
            optimizer.setLearningRate(0.5);
            optimizer.step();
            assertThat(w.item_float()).isEqualTo(1.5f);
            assertThatThrownBy(optimizer::step)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no gradients");
            assertThatThrownBy(() -> optimizer.setLearningRate(Double.NaN))
                .hasMessageContaining("learning rate NaN");
          }
        });
  }

  @Test
  void stateThatDoesNotFitIsRefusedByName() {
    TorchRuntime.run(
        1,
        "test",
        () -> {
          try (ParameterSet set = new ParameterSet()) {
            set.constant("w", 2, 3);
            ParameterOptimizer optimizer =
                ParameterOptimizer.of(OptimizerSpec.sgd(0.1, 0.9, 0), set.parameters());
            StateDict wrong =
                new StateDict().put("momentum_buffer.w", TensorData.of(new float[2], 2));
            assertThatThrownBy(() -> optimizer.load(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    "optimizer state: tensor 'momentum_buffer.w' is F32 [2], expected F32 [3]");
            assertThat(optimizer.copy().tensors()).isEmpty();
            StateDict other = new StateDict().put("exp_avg.w", TensorData.of(new float[3], 3));
            assertThatThrownBy(() -> optimizer.load(other))
                .hasMessageContaining("'momentum_buffer.w' is missing");
          }
        });
  }

  @Test
  void constantsOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> ParameterOptimizer.check(OptimizerSpec.sgd(-1, 0, 0)))
        .hasMessage("learning rate -1.0 must be >= 0 and finite");
    assertThatThrownBy(() -> ParameterOptimizer.check(OptimizerSpec.sgd(1, 1, 0)))
        .hasMessage("momentum 1.0 must be in [0, 1)");
    assertThatThrownBy(() -> ParameterOptimizer.check(OptimizerSpec.adam(1, Double.NaN)))
        .hasMessage("weight decay NaN must be >= 0 and finite");
  }
}
