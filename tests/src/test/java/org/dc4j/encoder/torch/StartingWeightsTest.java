package org.dc4j.encoder.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Predicate;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LoadedWeights;
import org.dc4j.encoder.Neck;
import org.dc4j.encoder.Pooling;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.junit.jupiter.api.Test;

/** Weights of elsewhere: the backbone whole, pooling and neck whole or left as drawn. */
class StartingWeightsTest {
  private static final EncoderSpec SPEC =
      new EncoderSpec(Backbone.RESNET18, 3, 32, 32, 8).with(Pooling.GEM).with(Neck.MLP, 16);

  private static Encoder encoder(long seed) {
    return TorchEncoders.create(SPEC, Fixtures.SGD, seed, 1);
  }

  private static boolean ofBackbone(String name) {
    return !name.startsWith("projection_head.") && !name.equals("gap.p");
  }

  private static StateDict only(StateDict state, Predicate<String> names) {
    StateDict part = new StateDict();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (names.test(name)) {
                part.put(name, tensor);
              }
            });
    return part;
  }

  @Test
  void aBackboneAloneLeavesPoolingAndNeckAsDrawn() {
    try (Encoder from = encoder(1);
        Encoder to = encoder(2)) {
      StateDict file =
          only(from.weights(), name -> ofBackbone(name) && !name.endsWith("num_batches_tracked"));
      file.put("fc.weight", TensorData.of(new float[1000 * 512], 1000, 512));
      file.put("aux1.conv.bn.bias", TensorData.of(new float[3], 3));
      StateDict fresh = to.weights();
      LoadedWeights loaded = to.startFrom(file);
      assertThat(loaded.fresh()).containsExactly("pooling", "neck");
      assertThat(loaded.ignored()).containsExactly("fc.weight", "aux1.conv.bn.bias");
      assertThat(loaded.text())
          .isEqualTo("pooling and neck left as drawn; ignored fc.weight, aux1.conv.bn.bias");
      Predicate<String> backbone = StartingWeightsTest::ofBackbone;
      assertThat(Fixtures.bytes(only(to.weights(), backbone)))
          .isEqualTo(Fixtures.bytes(only(from.weights(), backbone)));
      assertThat(Fixtures.bytes(only(to.weights(), backbone.negate())))
          .isEqualTo(Fixtures.bytes(only(fresh, backbone.negate())));
    }
  }

  @Test
  void aWholeModelIsTakenWhole() {
    try (Encoder from = encoder(1);
        Encoder to = encoder(2)) {
      LoadedWeights loaded = to.startFrom(from.weights());
      assertThat(loaded.fresh()).isEmpty();
      assertThat(loaded.ignored()).isEmpty();
      assertThat(loaded.text()).isEmpty();
      assertThat(Fixtures.bytes(to.weights())).isEqualTo(Fixtures.bytes(from.weights()));
    }
  }

  @Test
  void whatDoesNotFitIsNamedAndNothingIsLoaded() {
    try (Encoder from = encoder(1);
        Encoder to = encoder(2)) {
      String before = Fixtures.bytes(to.weights());
      StateDict whole = from.weights();
      refuses(
          to,
          only(whole, name -> !name.equals("layer2.0.bn1.bias")),
          "tensor 'layer2.0.bn1.bias' of the backbone is missing");
      refuses(to, new StateDict(), "tensor 'conv1.weight' of the backbone is missing");
      refuses(
          to,
          only(whole, name -> !name.equals("projection_head.1.running_var")),
          "tensor 'projection_head.1.running_var' is missing though 'projection_head.0.weight' is"
              + " there; accepted: all tensors of the neck or none");
      StateDict shaped = only(whole, name -> !name.equals("gap.p"));
      shaped.put("gap.p", TensorData.of(new float[2], 2));
      refuses(to, shaped, "tensor 'gap.p' is F32 [2], expected F32 [1]");
      StateDict unknown = only(whole, name -> true);
      unknown.put("layer5.0.conv1.weight", TensorData.of(new float[1], 1));
      refuses(
          to,
          unknown,
          "tensor 'layer5.0.conv1.weight' is not one of this network's; accepted beside those: a"
              + " classifier's, [fc., aux1., aux2., top_layer.]");
      assertThat(Fixtures.bytes(to.weights())).isEqualTo(before);
    }
  }

  private static void refuses(Encoder encoder, StateDict file, String message) {
    assertThatThrownBy(() -> encoder.startFrom(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
