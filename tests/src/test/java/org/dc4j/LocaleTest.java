package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the user's language has digits of its own, names and checkpoints are the same. */
class LocaleTest {
  private static final Locale EGYPT = new Locale("ar", "EG");

  @TempDir Path temporary;
  private Locale before;

  @BeforeEach
  void go() {
    before = Locale.getDefault();
    Locale.setDefault(EGYPT);
    assertThat("%d".formatted(3)).as("this JVM knows that locale's digits").isEqualTo("\u0663");
  }

  @AfterEach
  void comeBack() {
    Locale.setDefault(before);
  }

  @Test
  void aStoppedRunIsFoundAgain() throws IOException {
    Path pictures = TinyPictures.write(temporary.resolve("pictures"), 160);
    TrainingPlan plan = TinyPictures.plan(pictures, 2);
    Path run = temporary.resolve("run");
    StopSignal stop = new StopSignal();
    TrainingOptions options =
        new TrainingOptions(
            false, false, TrainingTest.stopAfter(13, stop), stop, Probe.NONE, false);
    assertThatThrownBy(() -> Training.run(plan, run, options))
        .isInstanceOf(TrainingInterruptedException.class);
    assertThat(run.resolve("checkpoints/step-0000000013")).isDirectory();
    Locale.setDefault(Locale.ROOT); // nor is it another run elsewhere
    Training.run(plan, run, TrainingOptions.defaults().withResume(true));
    Path whole = temporary.resolve("whole");
    Training.run(plan, whole, TrainingOptions.defaults());
    TrainingTest.assertSameRun(run, whole);
  }

  @Test
  void namesOfPackedImagesAreTheSame() throws IOException {
    Path pictures = TinyPictures.write(temporary.resolve("pictures"), 12);
    assertThat(images("idx:" + pictures).name(11)).isEqualTo("train/00011");
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 1), }";
    Path array = temporary.resolve("images.npy");
    Files.writeString(
        array,
        "\u0093NUMPY\u0001\u0000" + (char) header.length() + "\u0000" + header + "ab",
        StandardCharsets.ISO_8859_1);
    assertThat(images("npy:" + array).name(1)).isEqualTo("00001");
  }

  private static ImageSource images(String spec) {
    return DataSets.open(DataSpec.parse(spec)).images();
  }
}
