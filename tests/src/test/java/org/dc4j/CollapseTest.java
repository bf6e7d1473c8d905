package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.random.RandomStream;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingCollapsedException;
import org.dc4j.train.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose images are mostly one and the same, so that one cluster swallows them. */
class CollapseTest {
  private static final int IMAGES = 64;
  private static final int SAME = 48;

  @TempDir Path temporary;

  private static final ImageSource ALIKE =
      new ImageSource() {
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
          RandomStream random = new RandomStream(Math.max(0, id - SAME));
          byte[] pixels = new byte[TinyPictures.SIZE * TinyPictures.SIZE];
          for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(256);
          }
          return new Image(pixels, TinyPictures.SIZE, TinyPictures.SIZE, 1);
        }
      };

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
}
