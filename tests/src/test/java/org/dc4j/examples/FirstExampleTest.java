package org.dc4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.dc4j.TinyPictures;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the README runs and finds what it should. */
class FirstExampleTest {
  private static final int PICTURES = 300;

  @TempDir Path temporary;

  private Path pictures() throws IOException {
    Path packed = TinyPictures.write(temporary.resolve("packed"), PICTURES);
    ImageSource images = DataSets.open(DataSpec.parse("idx:" + packed)).images();
    Path folder = Files.createDirectory(temporary.resolve("pictures"));
    for (int id = 0; id < images.size(); id++) {
      Image image = images.read(id);
      BufferedImage picture =
          new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_GRAY);
      picture.getRaster().setDataElements(0, 0, image.width(), image.height(), image.pixels());
      ImageIO.write(picture, "png", folder.resolve("p%03d.png".formatted(id)).toFile());
    }
    return folder;
  }

  @Test
  void findsThePictureItselfAndFourOthers() throws IOException {
    Path run = temporary.resolve("run");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      FirstExample.main(new String[] {pictures().toString(), run.toString()});
    } finally {
      System.setOut(before);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(5).doesNotHaveDuplicates();
    assertThat(lines.get(0)).startsWith("p000.png  cosine 1.000, cluster ");
    assertThat(lines)
        .allSatisfy(
            line -> assertThat(line).matches("p\\d{3}\\.png  cosine [01]\\.\\d{3}, cluster \\d"));
    assertThat(run.resolve("report.html")).isNotEmptyFile();
  }
}
