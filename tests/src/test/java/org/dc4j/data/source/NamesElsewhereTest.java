package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.ChildJvm;
import org.dc4j.data.ImageFilesFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in a locale that cannot write their names. */
class NamesElsewhereTest {
  @TempDir Path folder;
  @TempDir Path work;

  @BeforeEach
  void write() throws IOException {
    byte[] png = ImageFilesFixture.halves("png", 4, 6, 0xFF0000, 0x0000FF);
    Files.write(Path.of(URI.create(folder.toUri() + "%C3%A9.png")), png);
    Files.write(folder.resolve("z.png"), png);
  }

  @Test
  void aFolderReadsThemAll() throws Exception {
    assertThat(inPosix("folder:" + folder))
        .contains("image z.png\nimage <233>.png\nlocale writes e acute: false");
  }

  @Test
  void aListSkipsThoseItCannotName() throws Exception {
    Files.writeString(work.resolve("list.txt"), folder + "/\u00E9.png\n" + folder + "/z.png\n");
    assertThat(inPosix("list:" + work.resolve("list.txt")))
        .contains("image " + folder + "/<233>.png\nimage " + folder + "/z.png\nunreadable 0\n");
  }

  private String inPosix(String spec) throws Exception {
    ChildJvm.Output output =
        ChildJvm.run(
            work, 1, List.of("-Dspec=" + spec), NamesElsewhere.class, Map.of("LC_ALL", "POSIX"));
    assertThat(output.exit()).as(output.text()).isZero();
    return output.text();
  }
}
