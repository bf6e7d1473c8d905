package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without FAISS everything that needs it says how to get it, and the rest works. */
class FaissAbsentTest {
  @TempDir Path folder;

  @Test
  void eachUseSaysHowToGetItAndTheRestWorks() throws Exception {
    ChildJvm.Output output = ChildJvm.run(folder, 3, List.of(), WithoutFaiss.class);
    assertThat(output.exit()).as(output.text()).isZero();
    List<String> lines = output.text().lines().filter(line -> !line.startsWith("SLF4J")).toList();
    assertThat(lines).hasSize(8);
    assertThat(lines.get(0)).isEqualTo("available false");
    assertThat(lines.get(1)).startsWith("why ").contains("native/faiss-debian.sh", "-Dfaiss.dir=");
    String[] uses = {"version", "index", "load", "kmeans", "pca"};
    for (int i = 0; i < uses.length; i++) {
      assertThat(lines.get(2 + i))
          .startsWith(uses[i] + " UnsupportedDeviceException: FAISS is not available: ")
          .contains("native/faiss-debian.sh");
    }
    assertThat(lines.get(7)).isEqualTo("ours 3");
  }
}
