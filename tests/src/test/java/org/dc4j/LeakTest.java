package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.faiss.Faiss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every owner of native memory gives back what it took. {@link LeakCycles} makes, uses and closes
 * each of them many times in a JVM whose heap is fixed and touched beforehand, so that what
 * resident memory still grows by is native, or code and metadata of the JVM, which it counts.
 */
class LeakTest {
  // Every cycle holds 64 KiB or more that it has written to. Leaked, 1,000 of them would be 62 MiB,
  // so a leak in one cycle of 16 shows. Without leaks 0 to 3 MiB were measured, the same after 200
  // cycles as after 1,000: what the allocator keeps for the threads it has seen.
  private static final long TOLERANCE = 4L << 20;

  @TempDir Path folder;

  @Test
  void memoryStaysFlat() throws Exception {
    ChildJvm.Output output =
        ChildJvm.run(
            folder,
            5,
            List.of(
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"),
            LeakCycles.class);
    assertThat(output.exit()).as(output.text()).isZero();
    List<String> owners = new ArrayList<>();
    for (String line : output.text().lines().filter(text -> text.startsWith("owner ")).toList()) {
      String[] words = line.split(" ");
      owners.add(words[1]);
      assertThat(Long.parseLong(words[2])).as("cycles: " + line).isEqualTo(1000);
      assertThat(Long.parseLong(words[3]))
          .as("resident bytes grown: " + line)
          .isLessThan(TOLERANCE);
      assertThat(Long.parseLong(words[4])).as("native bytes not freed: " + line).isZero();
      assertThat(Long.parseLong(words[5])).as("JavaCPP pointers not freed: " + line).isZero();
      assertThat(Long.parseLong(words[6])).as("threads left: " + line).isLessThanOrEqualTo(0);
    }
    List<String> expected =
        new ArrayList<>(
            List.of(
                "FloatMatrix",
                "IntVector",
                "LongVector",
                "DeviceContext",
                "Pca+Whitening",
                "SparseGraph",
                "ImageViews",
                "KMeans.Result",
                "NearestIndex",
                "CosineNeighbours",
                "BatchLoader",
                "Encoder+LinearHead+TrainingPass"));
    if (Faiss.isAvailable()) {
      expected.addAll(List.of("FaissIndex", "FaissKMeans.Result", "FaissPca"));
    }
    assertThat(owners).isEqualTo(expected);
  }
}
