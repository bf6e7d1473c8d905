package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.Neck;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.Pooling;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Necks, pooling and norms in whole encoders: names, shapes, what trains, determinism, resume. */
class NeckTest {
  private static final EncoderSpec FEATURES = new EncoderSpec(Backbone.COMPACT, 1, 16, 16, 1152);

  static List<EncoderSpec> variants() {
    EncoderSpec compact = Fixtures.COMPACT;
    return List.of(
        compact.with(Neck.MLP, 40).normalized(),
        compact.with(Neck.ODC, 40).withNorm(5, false),
        FEATURES.with(Neck.BATCH_NORM, 0).with(Pooling.GEM).normalized().withNorm(4, false),
        compact.with(Neck.BATCH_NORM, 0).with(Pooling.GEM),
        FEATURES.with(Neck.NONE, 0).withNorm(0, true),
        new EncoderSpec(Backbone.ALEXNET_BN, 1, 64, 64, 16).with(Neck.ODC, 24));
  }

  private static Encoder encoder(EncoderSpec spec, OptimizerSpec optimizer, long seed) {
    return TorchEncoders.create(spec, optimizer, seed, 2);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void deterministicAndResumableToTheBit(EncoderSpec spec) {
    for (OptimizerSpec kind :
        List.of(Fixtures.SGD, Fixtures.ADAM, OptimizerSpec.larc(0.5, 0.9, 1e-6))) {
      OptimizerSpec optimizer = kind.withNeckFactor(3);
      StateDict weights;
      StateDict moments;
      StateDict headState;
      String uninterrupted;
      try (Encoder encoder = encoder(spec, optimizer, 7);
          LinearHead head = encoder.newHead(4, optimizer, 3)) {
        Fixtures.train(encoder, head, 0, 2);
        weights = encoder.weights();
        moments = encoder.optimizerState();
        headState = head.state();
        Fixtures.train(encoder, head, 2, 4);
        uninterrupted = Fixtures.bytes(encoder.weights()) + Fixtures.bytes(head.state());
      }
      try (Encoder encoder = encoder(spec, optimizer, 99);
          LinearHead head = encoder.newHead(4, optimizer, 98)) {
        encoder.loadWeights(weights);
        encoder.loadOptimizerState(moments);
        head.loadState(headState);
        Fixtures.train(encoder, head, 2, 4);
        assertThat(Fixtures.bytes(encoder.weights()) + Fixtures.bytes(head.state()))
            .as(kind.kind() + " resumed")
            .isEqualTo(uninterrupted);
      }
      try (Encoder encoder = encoder(spec, optimizer, 7);
          LinearHead head = encoder.newHead(4, optimizer, 3)) {
        Fixtures.train(encoder, head, 0, 4);
        assertThat(Fixtures.bytes(encoder.weights()) + Fixtures.bytes(head.state()))
            .as(kind.kind() + " again")
            .isEqualTo(uninterrupted);
      }
    }
  }

  @Test
  void namesAreThoseOfTheMethodsFiles() {
    try (Encoder odc = encoder(Fixtures.COMPACT.with(Neck.ODC, 40), Fixtures.SGD, 1);
        Encoder mlp = encoder(Fixtures.COMPACT.with(Neck.MLP, 40), Fixtures.SGD, 1);
        Encoder norm =
            encoder(FEATURES.with(Neck.BATCH_NORM, 0).with(Pooling.GEM), Fixtures.SGD, 1);
        Encoder none = encoder(FEATURES.with(Neck.NONE, 0), Fixtures.SGD, 1)) {
      int trunk = 5 * 6;
      assertThat(none.weights().tensors()).hasSize(trunk);
      StateDict weights = odc.weights();
      assertThat(weights.tensors().keySet().stream().skip(trunk))
          .containsExactly(
              "neck.fc0.weight",
              "neck.fc0.bias",
              "neck.bn0.running_mean",
              "neck.bn0.running_var",
              "neck.bn0.num_batches_tracked",
              "neck.fc1.weight",
              "neck.fc1.bias");
      assertThat(weights.get("neck.fc0.weight").shape()).containsExactly(40, 1152);
      assertThat(weights.get("neck.fc1.weight").shape()).containsExactly(24, 40);
      assertThat(mlp.weights().tensors().keySet().stream().skip(trunk))
          .containsExactly(
              "projection_head.0.weight",
              "projection_head.0.bias",
              "projection_head.1.weight",
              "projection_head.1.bias",
              "projection_head.1.running_mean",
              "projection_head.1.running_var",
              "projection_head.1.num_batches_tracked",
              "projection_head.3.weight",
              "projection_head.3.bias");
      assertThat(norm.weights().tensors().keySet().stream().skip(trunk))
          .containsExactly(
              "gap.p",
              "feat_bn.weight",
              "feat_bn.bias",
              "feat_bn.running_mean",
              "feat_bn.running_var",
              "feat_bn.num_batches_tracked");
      assertThat(norm.weights().get("gap.p").floats()).containsExactly(3);
      assertThat(norm.parameterCount() - none.parameterCount()).isEqualTo(1 + 1152);
    }
  }

  @Test
  void batchNormNeckKeepsItsShiftAtZeroWhileItsScaleLearns() {
    EncoderSpec spec = FEATURES.with(Neck.BATCH_NORM, 0).with(Pooling.GEM);
    try (Encoder encoder = encoder(spec, Fixtures.SGD, 1);
        LinearHead head = encoder.newHead(4, Fixtures.SGD, 3)) {
      Fixtures.train(encoder, head, 0, 3);
      StateDict weights = encoder.weights();
      assertThat(weights.get("feat_bn.bias").floats()).containsOnly(0);
      assertThat(weights.get("feat_bn.weight").floats()).doesNotContain(1);
      assertThat(weights.get("gap.p").floats()[0]).isNotEqualTo(3).isCloseTo(3, within(0.5f));
      assertThat(weights.get("feat_bn.num_batches_tracked").longs()).containsExactly(3);
    }
  }

  @Test
  void odcEmbeddingsAreNeverNegativeAndItsStatisticsMoveSlowly() {
    try (Encoder encoder = encoder(Fixtures.COMPACT.with(Neck.ODC, 40), Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(Fixtures.COMPACT, 8, 1);
        TrainingPass pass = encoder.forward(images, 1)) {
      for (float[] row : Fixtures.embeddings(encoder, images)) {
        for (float value : row) {
          assertThat(value).isNotNegative();
        }
      }
      // One batch moves the running variance from 1 by a thousandth of the way.
      for (float variance : encoder.weights().get("neck.bn0.running_var").floats()) {
        assertThat(variance).isBetween(0.999f, 1.1f).isNotEqualTo(1);
      }
      assertThat(pass.output().toArray()).contains(0);
    }
  }

  @Test
  void theSpecsMomentumTakesThePlaceOfALayersOwn() {
    EncoderSpec spec = Fixtures.COMPACT.with(Neck.ODC, 40);
    float[] slow = varianceAfterABatch(spec, "neck.bn0.running_var");
    float[] fast = varianceAfterABatch(spec.withNormMomentum(0.5), "neck.bn0.running_var");
    for (int i = 0; i < slow.length; i++) {
      double ofBatch = (slow[i] - 0.999) / 0.001;
      assertThat(fast[i]).isCloseTo((float) (0.5 + 0.5 * ofBatch), within(2e-3f));
    }
    String first = "features.1.running_var"; // 0.1 of its own
    float[] tenth = varianceAfterABatch(spec, first);
    float[] half = varianceAfterABatch(spec.withNormMomentum(0.5), first);
    for (int i = 0; i < tenth.length; i++) {
      assertThat(half[i] - 1).isCloseTo(5 * (tenth[i] - 1), within(1e-5f));
    }
  }

  @Test
  void withoutDropoutTheSeedOfTheMasksIsNothing() {
    EncoderSpec spec = Fixtures.COMPACT.with(Neck.ODC, 40);
    assertThat(training(spec, 1)).isNotEqualTo(training(spec, 2));
    assertThat(training(spec.withDropout(0), 1)).isEqualTo(training(spec.withDropout(0), 2));
  }

  private static float[] training(EncoderSpec spec, long dropoutSeed) {
    try (Encoder encoder = encoder(spec, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(spec, 8, 1);
        TrainingPass pass = encoder.forward(images, dropoutSeed)) {
      return pass.output().toArray();
    }
  }

  private static float[] varianceAfterABatch(EncoderSpec spec, String name) {
    try (Encoder encoder = encoder(spec, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(spec, 8, 1);
        TrainingPass pass = encoder.forward(images, 1)) {
      return encoder.weights().get(name).floats();
    }
  }

  @Test
  void normalizedEmbeddingsHaveLengthOneInTrainingAndEvaluation() {
    EncoderSpec spec = Fixtures.COMPACT.with(Neck.MLP, 40).normalized();
    try (Encoder encoder = encoder(spec, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(spec, 6, 1);
        TrainingPass pass = encoder.forward(images, 1)) {
      for (int i = 0; i < 6; i++) {
        assertThat(length(pass.output().row(i))).isCloseTo(1, within(1e-6));
        assertThat(length(Fixtures.embeddings(encoder, images)[i])).isCloseTo(1, within(1e-6));
      }
    }
  }

  private static double length(float[] row) {
    double sum = 0;
    for (float value : row) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void ghostGroupsTrainAsTheirImagesAlone() {
    EncoderSpec spec = Fixtures.COMPACT.with(Neck.MLP, 40);
    try (Encoder whole = encoder(spec.withNorm(4, false), Fixtures.SGD, 1);
        Encoder apart = encoder(spec, Fixtures.SGD, 1);
        FloatMatrix images = Fixtures.images(spec, 8, 1);
        FloatMatrix first = images.rowRange(0, 4);
        FloatMatrix second = images.rowRange(4, 4)) {
      try (TrainingPass pass = whole.forward(images, 1);
          TrainingPass a = apart.forward(first, 1);
          TrainingPass b = apart.forward(second, 1)) {
        for (int i = 0; i < 4; i++) {
          assertThat(pass.output().row(i)).containsExactly(a.output().row(i), within(1e-5f));
          assertThat(pass.output().row(4 + i)).containsExactly(b.output().row(i), within(1e-5f));
        }
      }
      String statistic = "features.8.running_var";
      assertThat(whole.weights().get(statistic).floats())
          .containsExactly(apart.weights().get(statistic).floats(), within(1e-6f));
    }
  }

  @Test
  void frozenNormsTrainTheWeightsAndKeepTheStatistics() {
    EncoderSpec spec = Fixtures.COMPACT.withNorm(0, true);
    try (Encoder encoder = encoder(spec, Fixtures.SGD, 1);
        LinearHead head = encoder.newHead(4, Fixtures.SGD, 3)) {
      StateDict before = encoder.weights();
      Fixtures.train(encoder, head, 0, 3);
      StateDict after = encoder.weights();
      before
          .tensors()
          .forEach(
              (name, tensor) -> {
                boolean statistic = name.contains("running") || name.contains("batches");
                assertThat(after.get(name).data().equals(tensor.data())).isEqualTo(statistic);
              });
    }
  }

  @Test
  void theNeckFactorMovesTheNeckAlone() {
    OptimizerSpec plain = OptimizerSpec.sgd(0.01, 0, 0);
    StateDict start;
    StateDict slow;
    try (Encoder encoder = encoder(Fixtures.COMPACT, plain, 1);
        LinearHead head = encoder.newHead(4, plain, 3)) {
      start = encoder.weights();
      Fixtures.train(encoder, head, 0, 1);
      slow = encoder.weights();
    }
    try (Encoder encoder = encoder(Fixtures.COMPACT, plain.withNeckFactor(10), 1);
        LinearHead head = encoder.newHead(4, plain, 3)) {
      Fixtures.train(encoder, head, 0, 1);
      StateDict fast = encoder.weights();
      for (String name : start.tensors().keySet()) {
        if (name.startsWith("features")) {
          assertThat(fast.get(name).data()).as(name).isEqualTo(slow.get(name).data());
        }
      }
      float[] from = start.get("fc.weight").floats();
      float[] once = slow.get("fc.weight").floats();
      float[] tenfold = fast.get("fc.weight").floats();
      double moved = 0;
      for (int i = 0; i < from.length; i++) {
        assertThat(tenfold[i] - from[i]).isCloseTo(10 * (once[i] - from[i]), within(2e-6f));
        moved = Math.max(moved, Math.abs(tenfold[i] - from[i]));
      }
      assertThat(moved).isGreaterThan(1e-5);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheReason() {
    assertRefused(
        Fixtures.COMPACT.with(Neck.NONE, 0),
        "neck none gives the 1152 features of backbone compact as they are, so the embedding must be 1152, not 24");
    assertRefused(
        Fixtures.COMPACT.with(Neck.MLP, 0),
        "neck mlp has a hidden layer: its width must be >= 1, not 0");
    assertRefused(
        Fixtures.COMPACT.with(Neck.BATCH_NORM, 5),
        "neck batchnorm has no hidden layer: its width must be 0, not 5");
    assertRefused(
        Fixtures.COMPACT.withNorm(1, false),
        "norm group 1; accepted: 0 (the whole batch), 2 and more");
    assertRefused(
        new EncoderSpec(Backbone.ALEXNET_BN, 1, 64, 64, 8).with(Pooling.GEM),
        "backbone alexnet-bn flattens its last map and pools nothing: pooling 'gem'; accepted: average");
    assertThatThrownBy(() -> Neck.of("lienar"))
        .hasMessage("neck 'lienar'; accepted: linear, none, mlp, odc, batchnorm");
    assertThatThrownBy(() -> Pooling.of("max")).hasMessage("pooling 'max'; accepted: average, gem");
    assertThatThrownBy(() -> encoder(Fixtures.COMPACT, Fixtures.SGD.withNeckFactor(0), 1))
        .hasMessage("neck factor 0.0 must be > 0 and finite");
  }

  private static void assertRefused(EncoderSpec spec, String message) {
    assertThatThrownBy(() -> encoder(spec, Fixtures.SGD, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
