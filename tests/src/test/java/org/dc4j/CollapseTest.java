package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingCollapsedException;
import org.dc4j.train.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run whose images are mostly one and the same, so that one cluster swallows them. */
class CollapseTest {
  private static final int IMAGES = 64;
  private static final int SAME = 48;

  @TempDir Path temporary;

  private static final ImageSource ALIKE = noise(SAME);
  private static final ImageSource EQUAL = noise(IMAGES);

  /** Images of noise, of which the first {@code same} are one and the same. */
  private static ImageSource noise(int same) {
    return new ImageSource() {
      @Override
      public int size() {
        return IMAGES;
      }

      @Override
      public String name(int id) {
        return "image-" + id;
      }

      @Override
      public Image read(int id) {
        RandomStream random = new RandomStream(Math.max(0, id - same));
        byte[] pixels = new byte[TinyPictures.SIZE * TinyPictures.SIZE];
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = (byte) random.nextInt(256);
        }
        return new Image(pixels, TinyPictures.SIZE, TinyPictures.SIZE, 1);
      }
    };
  }

  private static TrainingPlan plan() {
    TrainingPlan plan = TinyPictures.plan(Path.of("none"), 1);
    return PlanFiles.with(plan, "clustering.whiten", "0");
  }

  private static TrainingOptions options(TrainingListener listener, boolean fail) {
    return new TrainingOptions(false, false, listener, new StopSignal(), Probe.NONE, fail);
  }

  @Test
  void warnsWithinTheEpoch() {
    RecordedMessages listener = new RecordedMessages();
    Training.run(plan(), ALIKE, temporary.resolve("warned"), options(listener, false));
    assertThat(listener.messages)
        .anySatisfy(
            text -> assertThat(text).matches("epoch 1: collapse: one cluster holds .* of 64 .*"));
  }

  @Test
  void stopsWhenAskedTo() {
    assertThatThrownBy(
            () ->
                Training.run(
                    plan(),
                    ALIKE,
                    temporary.resolve("stopped"),
                    options(new RecordedMessages(), true)))
        .isInstanceOf(TrainingCollapsedException.class)
        .hasMessageMatching("epoch 1: collapse: one cluster holds .* of 64 images");
  }

  @ParameterizedTest
  @MethodSource("org.dc4j.method.Methods#names")
  void equalImagesAreACollapseInEveryMethod(String method) {
    TrainingPlan plan = TinyPlans.of(method, Path.of("none"), 1);
    assertThatThrownBy(
            () ->
                Training.run(
                    plan, EQUAL, temporary.resolve(method), options(new RecordedMessages(), true)))
        .isInstanceOf(TrainingCollapsedException.class)
        .hasMessage("epoch 1: collapse: the embeddings of all 64 images are equal");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepcluster", "ratio"}) // with and without whitening of their own
  void aModelOfEqualEmbeddingsHasNoWhitening(String method) {
    TrainingPlan plan = TinyPlans.of(method, Path.of("none"), 1);
    RecordedMessages listener = new RecordedMessages();
    Path run = temporary.resolve("kept-" + method);
    Training.run(plan, EQUAL, run, options(listener, false));
    assertThat(listener.messages)
        .containsExactly(
            "epoch 1: collapse: the embeddings of all 64 images are equal",
            "collapse: the embeddings of all 64 images are equal; the model is written without whitening");
    try (TrainedModel model = TrainedModel.open(run);
        FloatMatrix features = model.features(EQUAL)) {
      assertThat(features.cols()).isEqualTo(16);
      assertThat(features.row(1)).isEqualTo(features.row(0));
    }
  }

  @Test
  void noiseWhitenedToTwoColumnsIsHealthy() {
    TrainingPlan plan = PlanFiles.with(plan(), "clustering.whiten", "2");
    RecordedMessages listener = new RecordedMessages();
    Training.run(plan, noise(1), temporary.resolve("narrow"), options(listener, true));
    assertThat(listener.messages).isEmpty();
  }
}
