package org.dc4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.data.DataException;
import org.dc4j.format.FormatException;
import org.dc4j.format.SafetensorsFile;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose files were cut, edited or mixed up is refused by name, never used. */
class DamagedModelTest {
  private static final String TRANSFORM = "whitening.transform";
  private static final String MEAN = "whitening.mean";

  @TempDir static Path temporary;
  private static StateDict sound;
  private static byte[] plan;

  private Path model;

  @BeforeAll
  static void trainSmall() throws IOException {
    Path pictures = TinyPictures.write(temporary.resolve("pictures"), 32);
    Path run = temporary.resolve("run");
    Training.run(TinyPictures.plan(pictures, 1), run, TrainingOptions.defaults());
    sound = SafetensorsFile.read(run.resolve("model.safetensors")).tensors();
    plan = Files.readAllBytes(run.resolve("plan.yaml"));
  }

  @BeforeEach
  void copyModel() throws IOException {
    model = Files.createTempDirectory(temporary, "model");
    Files.write(model.resolve("plan.yaml"), plan);
    write("none", null, Map.of("format", "dc4j-1"));
    TrainedModel.open(model).close();
  }

  /** The sound model but for one tensor, which is left out if null. */
  private void write(String name, TensorData changed, Map<String, String> metadata) {
    StateDict state = new StateDict();
    sound
        .tensors()
        .forEach(
            (known, tensor) -> {
              if (!known.equals(name)) {
                state.put(known, tensor);
              } else if (changed != null) {
                state.put(known, changed);
              }
            });
    SafetensorsFile.write(model.resolve("model.safetensors"), state, metadata);
  }

  private void refused(String name, TensorData changed, String message) {
    write(name, changed, Map.of("format", "dc4j-1"));
    refusedAsItIs(message);
  }

  private void refusedAsItIs(String message) {
    assertThatThrownBy(() -> TrainedModel.open(model))
        .as(message)
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(model.resolve("model.safetensors") + ": ")
        .hasMessageContaining(message);
  }

  private static String anEncoderTensor() {
    return sound.tensors().entrySet().stream()
        .filter(entry -> entry.getValue().type() == TensorData.Type.F32)
        .filter(entry -> entry.getValue().shape().length == 4)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whiteningOfAnotherShape() {
    refused(TRANSFORM, TensorData.of(new float[128], 128), "'whitening.transform' is [128]");
    refused(TRANSFORM, TensorData.of(new float[128], 16, 8), "[16, 8], expected [1..16, 16]");
    refused(TRANSFORM, TensorData.of(new float[0], 0, 16), "[0, 16], expected [1..16, 16]");
    refused(TRANSFORM, TensorData.of(new int[128], 8, 16), "I32, expected F32");
    refused(TRANSFORM, null, "tensor 'whitening.transform' is missing");
    refused(MEAN, TensorData.of(new float[15], 15), "'whitening.mean' is [15], expected [16]");
    refused(MEAN, null, "tensor 'whitening.mean' is missing");
  }

  @Test
  void weightsOfAnotherNetwork() {
    String name = anEncoderTensor();
    TensorData tensor = sound.get(name);
    long[] shape = tensor.shape();
    long[] swapped = {shape[1], shape[0], shape[2], shape[3]};
    refused(name, null, "is missing");
    refused(name, TensorData.of(tensor.floats(), tensor.elements()), "expected F32 [");
    refused(name, TensorData.of(tensor.floats(), swapped), "expected F32 [");
    refused(name, TensorData.of(new int[(int) tensor.elements()], shape), "is I32 [");
  }

  @Test
  void valuesThatAreNoNumbers() {
    for (String name : new String[] {anEncoderTensor(), TRANSFORM, MEAN}) {
      TensorData tensor = sound.get(name);
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        float[] values = tensor.floats();
        values[values.length - 1] = bad;
        TensorData changed = TensorData.of(values, tensor.shape());
        refused(name, changed, "tensor '" + name + "' has NaN or infinite values");
      }
    }
  }

  @Test
  void aFormatOfAnotherTime() {
    write("none", null, Map.of("format", "dc4j-99"));
    refusedAsItIs("has the format 'dc4j-99'; accepted: dc4j-1");
    write("none", null, Map.of("format", "pt")); // as Python writes it
    TrainedModel.open(model).close();
  }

  @Test
  void aPlanOutOfRangeOrNoText() throws IOException {
    String text = new String(plan);
    planRefused(
        text.replace("height: 16", "height: 100000000").getBytes(), "image.height is 100000000");
    planRefused(text.replace("height: 16", "hight: 16").getBytes(), "unknown key 'image.hight'");
    planRefused(new byte[] {'a', ':', ' ', (byte) 0xff}, "is not UTF-8 text");
    planRefused(new byte[0], "the plan is ");
    Files.delete(model.resolve("plan.yaml"));
    Files.createDirectory(model.resolve("plan.yaml"));
    bothRefuse("plan.yaml is a folder");
  }

  private void planRefused(byte[] bytes, String message) throws IOException {
    Files.write(model.resolve("plan.yaml"), bytes);
    bothRefuse(message);
  }

  private void bothRefuse(String message) {
    for (boolean trained : new boolean[] {true, false}) {
      assertThatThrownBy(
              () -> (trained ? TrainedModel.open(model) : StartingModel.of(model)).close())
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(model.resolve("plan.yaml").toString())
          .hasMessageContaining(message);
    }
  }
}
