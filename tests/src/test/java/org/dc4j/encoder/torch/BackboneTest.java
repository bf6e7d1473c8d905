package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.Neck;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shapes, names, sizes and initial weights of the networks that ship. */
class BackboneTest {
  private static final OptimizerSpec SGD = OptimizerSpec.sgd(0.05, 0.9, 1e-5);

  @Test
  void alexNetIsThatOfDeepCluster() {
    EncoderSpec spec = new EncoderSpec(Backbone.ALEXNET_BN, 2, 224, 224, 4096);
    assertThat(AlexNetBn.maps(AlexNetBn.first(spec), 224)).containsExactly(55, 27, 13, 6);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 2);
        FloatMatrix images = Fixtures.images(spec, 1, 1)) {
      assertThat(encoder.parameterCount() + 10_000L * 4096 + 10_000).isEqualTo(99_242_480L);
      float[] embedding = Fixtures.embeddings(encoder, images)[0];
      assertThat(embedding).hasSize(4096);
      assertThat(deviation(embedding)).isGreaterThan(0);
      StateDict weights = encoder.weights();
      assertThat(weights.get("features.0.weight").shape()).containsExactly(96, 2, 11, 11);
      assertThat(weights.get("features.4.weight").shape()).containsExactly(256, 96, 5, 5);
      assertThat(weights.get("features.8.weight").shape()).containsExactly(384, 256, 3, 3);
      assertThat(weights.get("features.11.weight").shape()).containsExactly(384, 384, 3, 3);
      assertThat(weights.get("features.14.weight").shape()).containsExactly(256, 384, 3, 3);
      assertThat(weights.get("features.15.running_var").shape()).containsExactly(256);
      assertThat(weights.get("classifier.1.weight").shape()).containsExactly(4096, 9216);
      assertThat(weights.get("classifier.4.bias").shape()).containsExactly(4096);
      assertThat(deviation(weights.get("features.8.weight").floats()))
          .isCloseTo(Math.sqrt(2.0 / (9 * 384)), within(1e-4));
      assertThat(deviation(weights.get("classifier.4.weight").floats()))
          .isCloseTo(0.01, within(1e-5));
      assertThat(weights.get("features.8.bias").floats()).containsOnly(0);
      assertThat(weights.get("features.9.weight").floats()).containsOnly(1);
    }
  }

  @Test
  void alexNetDropsOutByKey() {
    EncoderSpec spec = new EncoderSpec(Backbone.ALEXNET_BN, 1, 64, 80, 128);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 1);
        FloatMatrix images = Fixtures.images(spec, 3, 1)) {
      float[] once = trained(encoder, images, 1);
      assertThat(trained(encoder, images, 1)).isEqualTo(once);
      assertThat(trained(encoder, images, 2)).isNotEqualTo(once);
      assertThat(Fixtures.embeddings(encoder, images))
          .isDeepEqualTo(Fixtures.embeddings(encoder, images));
    }
  }

  private static float[] trained(Encoder encoder, FloatMatrix images, long seed) {
    try (TrainingPass pass = encoder.forward(images, seed)) {
      return pass.output().toArray();
    }
  }

  @ParameterizedTest
  @CsvSource({"32, 32, 3", "72, 40, 7"})
  void resNet18HasBothStems(int height, int width, int kernel) {
    EncoderSpec spec = new EncoderSpec(Backbone.RESNET18, 3, height, width, 96);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 1);
        FloatMatrix images = Fixtures.images(spec, 2, 1);
        LinearHead head = encoder.newHead(4, SGD, 1);
        TrainingPass pass = encoder.forward(images, head, 1)) {
      assertThat(pass.output().cols()).isEqualTo(4);
      Fixtures.crossEntropyGradient(pass.output(), pass.gradient());
      pass.backward();
      encoder.step();
      StateDict weights = encoder.weights();
      assertThat(weights.get("conv1.weight").shape()).containsExactly(64, 3, kernel, kernel);
      assertThat(weights.tensors().keySet())
          .contains("layer1.0.conv1.weight", "layer2.0.downsample.1.running_mean", "fc.bias")
          .doesNotContain("layer1.0.downsample.0.weight");
      assertThat(Fixtures.embeddings(encoder, images)[0]).hasSize(96);
    }
  }

  @Test
  void resNet18HasTorchvisionsParameters() {
    EncoderSpec spec = new EncoderSpec(Backbone.RESNET18, 3, 224, 224, 512);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 1)) {
      // torchvision's 11,689,512 less its classifier of 1,000 classes.
      assertThat(encoder.parameterCount()).isEqualTo(11_689_512L - 513_000);
      assertThat(encoder.weights().contains("fc.weight")).isFalse();
      // 122 tensors in torchvision's state dict, two of them the classifier.
      assertThat(encoder.weights().tensors()).hasSize(120);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet50, 2048, 23508032, 318, layer4.2.conv3.weight",
    "resnet50-reid, 2048, 23508032, 318, layer4.2.conv3.weight",
    "googlenet, 1024, 5599904, 342, inception5b.branch4.1.conv.weight"
  })
  void torchvisionsParametersLessTheClassifier(
      String backbone, int width, long parameters, int tensors, String last) {
    EncoderSpec spec =
        new EncoderSpec(Backbone.of(backbone), 3, 224, 224, width).with(Neck.NONE, 0);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 1)) {
      assertThat(encoder.parameterCount()).isEqualTo(parameters);
      assertThat(encoder.weights().tensors()).hasSize(tensors).containsKey(last);
    }
    assertThatThrownBy(() -> TorchEncoders.create(widened(spec), SGD, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the embedding must be " + width);
  }

  private static EncoderSpec widened(EncoderSpec spec) {
    return new EncoderSpec(spec.backbone(), 3, 224, 224, spec.embedding() + 1).with(Neck.NONE, 0);
  }

  @Test
  void compactNetNamesAndCount() {
    EncoderSpec spec = new EncoderSpec(Backbone.COMPACT, 1, 28, 28, 256);
    try (Encoder encoder = TorchEncoders.create(spec, SGD, 1, 1)) {
      long convolutions = 9L * (32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128);
      long norms = 2L * (32 + 32 + 64 + 64 + 128);
      assertThat(encoder.parameterCount()).isEqualTo(convolutions + norms + 1152 * 256 + 256);
      Set<String> names = encoder.weights().tensors().keySet();
      assertThat(names)
          .contains("features.0.weight", "features.1.running_mean", "features.14.weight")
          .contains("features.15.num_batches_tracked", "fc.weight", "fc.bias")
          .hasSize(5 * 6 + 2);
    }
  }

  @Test
  void imagesTooSmallAreRefusedWithTheLimit() {
    assertThatThrownBy(() -> create(Backbone.ALEXNET_BN, 63))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backbone alexnet-bn needs images of at least 64 x 64 pixels, not 63 x 63");
    assertThatThrownBy(() -> create(Backbone.COMPACT, 11))
        .hasMessage("backbone compact needs images of at least 12 x 12 pixels, not 11 x 11");
    assertThatThrownBy(() -> create(Backbone.RESNET18, 0)).hasMessageContaining("must be >= 1");
  }

  @Test
  void smallestImagesWork() {
    create(Backbone.COMPACT, 12).close();
    try (Encoder encoder = create(Backbone.COMPACT, 12);
        FloatMatrix images = Fixtures.images(encoder.spec(), 2, 1)) {
      assertThat(Fixtures.embeddings(encoder, images)[1]).hasSize(8);
    }
  }

  private static Encoder create(Backbone backbone, int size) {
    return TorchEncoders.create(new EncoderSpec(backbone, 1, size, size, 8), SGD, 1, 1);
  }

  private static double deviation(float[] values) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    return Math.sqrt(squares / values.length - mean * mean);
  }
}
