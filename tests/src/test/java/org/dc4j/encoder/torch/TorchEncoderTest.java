package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.NativeMemoryException;
import org.junit.jupiter.api.Test;

/** Weights in and out, wrong use, memory. */
class TorchEncoderTest {
  @Test
  void weightsRoundTrip() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        Encoder other = TorchEncoders.create(Fixtures.COMPACT, Fixtures.SGD, 8, 1);
        LinearHead head = encoder.newHead(3, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 3, 1)) {
      Fixtures.train(encoder, head, 0, 2);
      StateDict weights = encoder.weights();
      other.loadWeights(weights);
      assertThat(Fixtures.bytes(other.weights())).isEqualTo(Fixtures.bytes(weights));
      assertThat(Fixtures.embeddings(other, images))
          .isDeepEqualTo(Fixtures.embeddings(encoder, images));
    }
  }

  @Test
  void weightsThatDoNotFitAreRefusedByNameAndNothingChanges() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1)) {
      StateDict weights = encoder.weights();
      String before = Fixtures.bytes(weights);
      StateDict missing = new StateDict();
      StateDict shaped = new StateDict();
      weights
          .tensors()
          .forEach(
              (name, tensor) -> {
                float[] zeros = new float[(int) tensor.elements()];
                TensorData changed =
                    tensor.type() == TensorData.Type.F32
                        ? TensorData.of(zeros, tensor.shape())
                        : tensor;
                if (!name.equals("fc.bias")) {
                  missing.put(name, changed);
                  shaped.put(name, changed);
                }
              });
      shaped.put("fc.bias", TensorData.of(new float[3], 3));
      assertThatThrownBy(() -> encoder.loadWeights(missing))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor 'fc.bias' is missing");
      assertThatThrownBy(() -> encoder.loadWeights(shaped))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor 'fc.bias' is F32 [3], expected F32 [24]");
      StateDict extra = new StateDict().putAll("", weights);
      extra.put("top_layer.weight", TensorData.of(new float[1], 1));
      assertThatThrownBy(() -> encoder.loadWeights(extra))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor 'top_layer.weight' is not one of");
      assertThat(Fixtures.bytes(encoder.weights())).isEqualTo(before);
    }
  }

  @Test
  void headStateRoundTrips() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        LinearHead head = encoder.newHead(3, Fixtures.ADAM, 1);
        LinearHead other = encoder.newHead(3, Fixtures.ADAM, 2)) {
      assertThat(head.state().tensors()).containsOnlyKeys("weight", "bias");
      Fixtures.train(encoder, head, 0, 2);
      StateDict state = head.state();
      assertThat(state.tensors())
          .containsOnlyKeys(
              "weight",
              "bias",
              "optimizer.step",
              "optimizer.exp_avg.weight",
              "optimizer.exp_avg.bias",
              "optimizer.exp_avg_sq.weight",
              "optimizer.exp_avg_sq.bias");
      assertThat(state.get("optimizer.step").longs()).containsExactly(2);
      other.loadState(state);
      assertThat(Fixtures.bytes(other.state())).isEqualTo(Fixtures.bytes(state));
    }
  }

  @Test
  void useAfterCloseThrowsAndCloseTwiceIsFine() {
    Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
    LinearHead head = encoder.newHead(3, Fixtures.SGD, 1);
    try (FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 2, 1);
        FloatMatrix out = FloatMatrix.allocate(2, 24)) {
      TrainingPass pass = encoder.forward(images, head, 1);
      FloatMatrix output = pass.output();
      pass.close();
      pass.close();
      assertThatThrownBy(pass::output).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(pass::gradient).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(pass::backward)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("training pass used after close");
      assertThatThrownBy(() -> output.get(0, 0)).isInstanceOf(IllegalStateException.class);
      head.close();
      head.close();
      assertThatThrownBy(head::state).hasMessage("linear head used after close");
      assertThatThrownBy(head::step).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> encoder.forward(images, head, 1))
          .isInstanceOf(IllegalStateException.class);
      encoder.close();
      encoder.close();
      assertThatThrownBy(() -> encoder.embed(images, out))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("encoder used after close");
      assertThatThrownBy(() -> encoder.forward(images, 1))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(encoder::weights).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(encoder::step).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void backwardRunsOnceAndOnlyOnOpenImages() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1)) {
      FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 2, 1);
      try (TrainingPass pass = encoder.forward(images, 1)) {
        pass.backward();
        assertThatThrownBy(pass::backward)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("ran already");
      }
      encoder.step();
      assertThatThrownBy(encoder::step)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no gradients");
      try (TrainingPass pass = encoder.forward(images, 1)) {
        images.close();
        assertThatThrownBy(pass::backward)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("matrix used after close");
      }
    }
  }

  @Test
  void backwardAfterAStepIsRefusedByTheGuard() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 2, 1);
        TrainingPass late = encoder.forward(images, 1)) {
      try (TrainingPass pass = encoder.forward(images, 1)) {
        pass.gradient().set(0, 0, 1);
        pass.backward();
      }
      encoder.step();
      assertThatThrownBy(late::backward)
          .isInstanceOf(TorchException.class)
          .hasMessageStartingWith("backward pass: ")
          .hasMessageContaining("modified by an inplace operation")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void gradientsOfTwoPassesAddUp() {
    float[] once;
    float[] twice;
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 4, 1)) {
      once = stepOf(encoder, images, 2f, 0);
    }
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 4, 1)) {
      twice = stepOf(encoder, images, 1.5f, 0.5f);
    }
    for (int i = 0; i < once.length; i++) {
      assertThat(twice[i]).isCloseTo(once[i], org.assertj.core.api.Assertions.within(1e-5f));
    }
  }

  private static float[] stepOf(Encoder encoder, FloatMatrix images, float first, float second) {
    for (float value : new float[] {first, second}) {
      if (value != 0) {
        try (TrainingPass pass = encoder.forward(images, 1)) {
          pass.gradient().set(1, 2, value);
          pass.backward();
        }
      }
    }
    encoder.step();
    return encoder.weights().get("fc.weight").floats();
  }

  @Test
  void wrongShapesAreRefused() {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        Encoder wide =
            TorchEncoders.create(
                new org.dc4j.encoder.EncoderSpec(Fixtures.COMPACT.backbone(), 1, 16, 16, 25),
                Fixtures.SGD,
                1,
                1);
        LinearHead foreign = wide.newHead(3, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 2, 1);
        FloatMatrix narrow = FloatMatrix.allocate(2, 255);
        FloatMatrix none = FloatMatrix.allocate(0, 256);
        FloatMatrix out = FloatMatrix.allocate(2, 23)) {
      assertThatThrownBy(() -> encoder.forward(narrow, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("images have 255 values per row, this encoder takes 1 x 16 x 16 = 256");
      assertThatThrownBy(() -> encoder.forward(none, 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> encoder.embed(images, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("out is [2 x 23], the embeddings of these images are [2 x 24]");
      assertThatThrownBy(() -> encoder.forward(images, foreign, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the head takes embeddings of 25 values, this encoder gives 24");
      assertThatThrownBy(() -> encoder.newHead(0, Fixtures.SGD, 1))
          .hasMessage("classes 0 must be >= 1");
      assertThatThrownBy(() -> TorchEncoders.create(Fixtures.COMPACT, Fixtures.SGD, 1, 0))
          .hasMessage("threads 0 must be >= 1");
    }
  }

  @Test
  void failedAllocationIsANativeMemoryException() {
    assertThatThrownBy(() -> TorchRuntime.run(1, "making", () -> torch.zeros(1L << 50)))
        .isInstanceOf(NativeMemoryException.class)
        .hasMessageStartingWith("making: ");
  }

  @Test
  void javaExceptionsPassTheGuardUnchanged() {
    IllegalStateException mine = new IllegalStateException("mine");
    assertThatThrownBy(
            () ->
                TorchRuntime.run(
                    1,
                    "x",
                    () -> {
                      throw mine;
                    }))
        .isSameAs(mine);
  }

  @Test
  void aScopeOfTheCallerFreesNothingOfTheEncoder() {
    Encoder encoder;
    LinearHead head;
    try (PointerScope scope = new PointerScope()) {
      encoder = Fixtures.compact(Fixtures.ADAM, 1);
      head = encoder.newHead(3, Fixtures.ADAM, 1);
      Fixtures.train(encoder, head, 0, 1);
    }
    try (Encoder inside = encoder;
        LinearHead insideHead = head;
        Encoder outside = Fixtures.compact(Fixtures.ADAM, 1);
        LinearHead outsideHead = outside.newHead(3, Fixtures.ADAM, 1)) {
      Fixtures.train(inside, insideHead, 1, 2);
      Fixtures.train(outside, outsideHead, 0, 2);
      assertThat(Fixtures.bytes(inside.weights())).isEqualTo(Fixtures.bytes(outside.weights()));
      assertThat(Fixtures.bytes(insideHead.state())).isEqualTo(Fixtures.bytes(outsideHead.state()));
    }
  }

  @Test
  void residentMemoryStaysFlatOverSteps() throws Exception {
    try (Encoder encoder = Fixtures.compact(Fixtures.SGD, 1);
        LinearHead head = encoder.newHead(5, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 16, 1);
        FloatMatrix out = FloatMatrix.allocate(16, 24)) {
      steps(encoder, head, images, out, 60);
      long before = Fixtures.residentKilobytes();
      steps(encoder, head, images, out, 200);
      long grown = Fixtures.residentKilobytes() - before;
      // A leak of one step's activations would be 200 x 1.5 MB.
      assertThat(grown).as("growth in KiB over 200 steps").isLessThan(8 * 1024);
    }
  }

  private static void steps(
      Encoder encoder, LinearHead head, FloatMatrix images, FloatMatrix out, int count) {
    for (int i = 0; i < count; i++) {
      try (TrainingPass pass = encoder.forward(images, head, i)) {
        Fixtures.crossEntropyGradient(pass.output(), pass.gradient());
        pass.backward();
      }
      encoder.step();
      head.step();
      encoder.embed(images, out);
    }
  }
}
