package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;

/** Passes of images of other sizes, as multi-crop losses run them, and what a pass shows. */
class TrainingPassTest {
  private static final OptimizerSpec PLAIN = OptimizerSpec.sgd(0.1, 0, 0);
  private static final EncoderSpec OBLONG = new EncoderSpec(Backbone.COMPACT, 1, 12, 20, 24);

  /** Weights after one step on the gradients of these passes. */
  private static float[] stepped(StateDict start, List<EncoderSpec> sizes) {
    try (Encoder encoder = Fixtures.compact(PLAIN, 1)) {
      encoder.loadWeights(start);
      for (EncoderSpec size : sizes) {
        try (FloatMatrix images = Fixtures.images(size, 4, 5);
            TrainingPass pass = encoder.forward(images, size.height(), size.width(), 1)) {
          for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 24; j++) {
              pass.gradient().set(i, j, j % 3 - 1);
            }
          }
          pass.backward();
        }
      }
      encoder.step();
      return encoder.weights().get("features.7.weight").floats();
    }
  }

  @Test
  void anotherSizeIsThatOfAnEncoderMadeForIt() {
    try (Encoder square = Fixtures.compact(PLAIN, 1);
        Encoder oblong = TorchEncoders.create(OBLONG, PLAIN, 9, 1);
        FloatMatrix images = Fixtures.images(OBLONG, 4, 5)) {
      oblong.loadWeights(square.weights());
      try (TrainingPass one = square.forward(images, 12, 20, 1);
          TrainingPass other = oblong.forward(images, 1)) {
        assertThat(one.output().toArray()).isEqualTo(other.output().toArray());
      }
      assertThat(Fixtures.bytes(square.weights())).isEqualTo(Fixtures.bytes(oblong.weights()));
      assertThatThrownBy(() -> square.forward(images, 12, 19, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("images have 240 values per row, this encoder takes 1 x 12 x 19 = 228");
      assertThatThrownBy(() -> square.forward(images, -12, -20, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void gradientsOfPassesAddUp() {
    StateDict start;
    try (Encoder encoder = Fixtures.compact(PLAIN, 1)) {
      start = encoder.weights();
    }
    float[] from = start.get("features.7.weight").floats();
    float[] square = stepped(start, List.of(Fixtures.COMPACT));
    float[] oblong = stepped(start, List.of(OBLONG));
    float[] both = stepped(start, List.of(Fixtures.COMPACT, OBLONG));
    double largest = 0;
    for (int i = 0; i < from.length; i++) {
      double sum = (double) square[i] - from[i] + oblong[i] - from[i];
      largest = Math.max(largest, Math.min(Math.abs(square[i] - from[i]), Math.abs(sum)));
      assertThat((double) both[i] - from[i]).isCloseTo(sum, within(1e-5 + 1e-4 * Math.abs(sum)));
    }
    assertThat(largest).as("largest step").isGreaterThan(1e-2);
  }

  @Test
  void theEmbeddingIsWhatTheHeadSees() {
    try (Encoder encoder = Fixtures.compact(PLAIN, 1);
        LinearHead head = encoder.newHead(3, PLAIN, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 5, 2);
        TrainingPass bare = encoder.forward(images, 1);
        TrainingPass pass = encoder.forward(images, head, 1)) {
      assertThat(bare.embedding().toArray()).isEqualTo(bare.output().toArray());
      float[] rows = bare.output().toArray();
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Math.max(0, rows[i]);
      }
      assertThat(pass.embedding().toArray()).isEqualTo(rows);
      float[] weight = head.state().get("weight").floats();
      float[] bias = head.state().get("bias").floats();
      for (int i = 0; i < 5; i++) {
        for (int c = 0; c < 3; c++) {
          double sum = bias[c];
          for (int j = 0; j < 24; j++) {
            sum += (double) weight[c * 24 + j] * rows[i * 24 + j];
          }
          assertThat((double) pass.output().get(i, c)).isCloseTo(sum, within(1e-5));
        }
      }
    }
  }

  @Test
  void nothingIsShownAfterClose() {
    try (Encoder encoder = Fixtures.compact(PLAIN, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 2, 2)) {
      TrainingPass pass = encoder.forward(images, 1);
      pass.close();
      assertThatThrownBy(pass::embedding)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("training pass used after close");
    }
  }
}
