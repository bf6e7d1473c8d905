package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training through external gradients: right, deterministic, resumable to the bit. */
class TorchTrainingTest {
  private static final int CLASSES = 5;

  @Test
  void externalGradientGivesTheUpdateOfAnAllTorchStep() {
    OptimizerSpec plain = OptimizerSpec.sgd(0.1, 0, 0);
    try (Encoder encoder = Fixtures.compact(plain, 1);
        LinearHead head = encoder.newHead(CLASSES, plain, 3);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 10, 1)) {
      // With initial weights of 0.01 the head hardly passes gradients on; spread them.
      StateDict spread = spreadHead(head.state());
      head.loadState(spread);
      StateDict expected = allTorchStep(encoder.weights(), spread, images, 0.1);
      StateDict before = encoder.weights();
      try (TrainingPass pass = encoder.forward(images, head, 1)) {
        Fixtures.crossEntropyGradient(pass.output(), pass.gradient());
        pass.backward();
      }
      encoder.step();
      head.step();
      StateDict after = encoder.weights().putAll("head.", head.state());
      double moved = 0;
      for (String name : expected.tensors().keySet()) {
        float[] want = expected.get(name).floats();
        float[] got = after.get(name).floats();
        for (int i = 0; i < want.length; i++) {
          assertThat(got[i]).as(name + "[" + i + "]").isCloseTo(want[i], within(1e-6f));
        }
        if (before.contains(name)) {
          float[] old = before.get(name).floats();
          for (int i = 0; i < want.length; i++) {
            moved = Math.max(moved, Math.abs(want[i] - old[i]));
          }
        }
      }
      assertThat(moved).as("largest step of a weight").isGreaterThan(1e-3);
    }
  }

  private static StateDict spreadHead(StateDict state) {
    float[] weight = state.get("weight").floats();
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= 30;
    }
    return new StateDict()
        .put("weight", TensorData.of(weight, state.get("weight").shape()))
        .put("bias", state.get("bias"));
  }

  /** One plain SGD step of the compact net, written out with torch's own loss and autograd. */
  private static StateDict allTorchStep(
      StateDict weights, StateDict head, FloatMatrix images, double learningRate) {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> leaves = new LinkedHashMap<>();
      StateDict all = new StateDict().putAll("", weights).putAll("head.", head);
      all.tensors()
          .forEach(
              (name, data) -> {
                if (data.type() == TensorData.Type.F32 && !name.contains("running")) {
                  Tensor leaf = torch.zeros(data.shape());
                  TensorBytes.copyIn(data, leaf);
                  leaf.set_requires_grad(true);
                  leaves.put(name, leaf);
                }
              });
      Tensor x = torch.from_blob(images.pointer(), images.rows(), 1, 16, 16);
      int[] positions = {0, 3, 7, 10, 14};
      long[] one = {1, 1};
      for (int i = 0; i < positions.length; i++) {
        String norm = "features." + (positions[i] + 1);
        Tensor kernel = leaves.get("features." + positions[i] + ".weight");
        x = torch.conv2d(x, kernel, new TensorOptional(), one, one, one, 1);
        x =
            torch
                .batch_norm(
                    x,
                    new TensorOptional(leaves.get(norm + ".weight")),
                    new TensorOptional(leaves.get(norm + ".bias")),
                    new TensorOptional(),
                    new TensorOptional(),
                    true,
                    0.1,
                    1e-5,
                    false)
                .relu();
        if (i == 1 || i == 3) {
          long[] two = {2, 2};
          x = torch.max_pool2d(x, two, two, new long[] {0, 0}, one, false);
        }
      }
      x = torch.adaptive_avg_pool2d(x, 3, 3).flatten(1, -1);
      x = torch.linear(x, leaves.get("fc.weight"), new TensorOptional(leaves.get("fc.bias")));
      x =
          torch.linear(
              x.relu(), leaves.get("head.weight"), new TensorOptional(leaves.get("head.bias")));
      long[] labels = new long[(int) images.rows()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = i % CLASSES;
      }
      torch.cross_entropy(x, Tensor.create(labels)).backward();
      StateDict result = new StateDict();
      try (NoGradGuard guard = new NoGradGuard()) {
        leaves.forEach(
            (name, leaf) -> {
              leaf.add_(leaf.grad(), new Scalar(-learningRate));
              result.put(name, TensorBytes.copyOut(leaf));
            });
      }
      return result;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sameSeedGivesTheSameBytes(int threads) {
    assertThat(bytesAfterFiveSteps(threads)).isEqualTo(bytesAfterFiveSteps(threads));
  }

  private static String bytesAfterFiveSteps(int threads) {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, threads);
        LinearHead head = encoder.newHead(CLASSES, Fixtures.SGD, 3)) {
      String start = Fixtures.bytes(encoder.weights());
      Fixtures.train(encoder, head, 0, 5);
      String end = Fixtures.bytes(encoder.weights());
      assertThat(end).isNotEqualTo(start);
      return end + Fixtures.bytes(encoder.optimizerState()) + Fixtures.bytes(head.state());
    }
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        Encoder other = TorchEncoders.create(Fixtures.COMPACT, Fixtures.SGD, 8, 1)) {
      float[] a = encoder.weights().get("features.0.weight").floats();
      float[] b = other.weights().get("features.0.weight").floats();
      assertThat(a).isNotEqualTo(b);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SGD", "ADAM"})
  void resumedTrainingEqualsUninterruptedToTheBit(String kind) {
    OptimizerSpec spec = kind.equals("SGD") ? Fixtures.SGD : Fixtures.ADAM;
    String uninterrupted;
    StateDict weights;
    StateDict moments;
    StateDict headState;
    try (Encoder encoder = Fixtures.compact(spec, 2);
        LinearHead head = encoder.newHead(CLASSES, spec, 3)) {
      assertThat(encoder.optimizerState().tensors()).isEmpty();
      Fixtures.train(encoder, head, 0, 3);
      weights = encoder.weights();
      moments = encoder.optimizerState();
      headState = head.state();
      Fixtures.train(encoder, head, 3, 6);
      uninterrupted = Fixtures.bytes(encoder.weights()) + Fixtures.bytes(head.state());
    }
    assertThat(moments.tensors()).isNotEmpty();
    try (Encoder encoder = TorchEncoders.create(Fixtures.COMPACT, spec, 99, 2);
        LinearHead head = encoder.newHead(CLASSES, spec, 98)) {
      encoder.loadWeights(weights);
      encoder.loadOptimizerState(moments);
      head.loadState(headState);
      assertThat(Fixtures.bytes(encoder.optimizerState())).isEqualTo(Fixtures.bytes(moments));
      Fixtures.train(encoder, head, 3, 6);
      assertThat(Fixtures.bytes(encoder.weights()) + Fixtures.bytes(head.state()))
          .isEqualTo(uninterrupted);
    }
  }

  @Test
  void learningCrossEntropyLowersTheLoss() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        LinearHead head = encoder.newHead(CLASSES, Fixtures.SGD, 3);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 20, 5)) {
      double first = Double.NaN;
      double last = Double.NaN;
      for (int step = 0; step < 25; step++) {
        try (TrainingPass pass = encoder.forward(images, head, step)) {
          last = meanCrossEntropy(pass.output());
          first = step == 0 ? last : first;
          Fixtures.crossEntropyGradient(pass.output(), pass.gradient());
          pass.backward();
        }
        encoder.step();
        head.step();
      }
      assertThat(first).isCloseTo(Math.log(CLASSES), within(0.1));
      assertThat(last).isLessThan(0.5 * first);
    }
  }

  private static double meanCrossEntropy(FloatMatrix logits) {
    double sum = 0;
    for (int i = 0; i < logits.rows(); i++) {
      float[] row = logits.row(i);
      double denominator = 0;
      for (float value : row) {
        denominator += Math.exp(value);
      }
      sum += Math.log(denominator) - row[i % CLASSES];
    }
    return sum / logits.rows();
  }

  @Test
  void evaluationModeUsesRunningStatisticsAndChangesNothing() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 6, 1);
        FloatMatrix first = images.rowRange(0, 1)) {
      String before = Fixtures.bytes(encoder.weights());
      float[][] all = Fixtures.embeddings(encoder, images);
      float[] alone = Fixtures.embeddings(encoder, first)[0];
      for (int j = 0; j < alone.length; j++) {
        assertThat(alone[j]).isCloseTo(all[0][j], within(1e-5f));
      }
      assertThat(Fixtures.bytes(encoder.weights())).isEqualTo(before);
      try (TrainingPass pass = encoder.forward(images, 1)) {
        assertThat(pass.output().row(0)).isNotEqualTo(all[0]);
        assertThat(pass.output().cols()).isEqualTo(24);
      }
      StateDict after = encoder.weights();
      assertThat(after.get("features.1.num_batches_tracked").longs()).containsExactly(1);
      assertThat(after.get("features.1.running_mean").floats()).isNotEqualTo(new float[32]);
      assertThat(Arrays.equals(Fixtures.embeddings(encoder, images)[0], all[0])).isFalse();
    }
  }
}
