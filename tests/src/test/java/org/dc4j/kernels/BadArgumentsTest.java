package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BinaryOperator;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No argument ends the process: {@link BadCalls} makes 10,000 calls with arguments that are null,
 * closed, misshapen, overlapping, out of range or not finite, and each ends in a documented
 * exception or a result within its bounds. A failure names the seed of its call.
 */
class BadArgumentsTest {
  @TempDir Path folder;

  @Test
  void noCallEndsTheProcess() throws Exception {
    ChildJvm.Output output = ChildJvm.run(folder, 5, List.of("-Xmx512m"), BadCalls.class);
    List<String> lines = output.text().lines().toList();
    String lastSeed = lines.stream().filter(line -> line.startsWith("seed ")).reduce("", last());
    List<String> rest = lines.stream().filter(line -> !line.startsWith("seed ")).toList();
    assertThat(output.exit()).as("%s: %s", lastSeed, String.join("\n", rest)).isZero();
    assertThat(lastSeed).isEqualTo("seed " + (BadCalls.CALLS - 1));
    List<String> kernels = rest.stream().filter(line -> line.startsWith("kernel ")).toList();
    assertThat(kernels).hasSameSizeAs(BadCalls.KERNELS);
    for (String kernel : kernels) {
      String[] words = kernel.split(" ");
      assertThat(Integer.parseInt(words[2])).as("went through: " + kernel).isGreaterThan(150);
      assertThat(Integer.parseInt(words[3])).as("refused: " + kernel).isGreaterThan(150);
    }
  }

  private static BinaryOperator<String> last() {
    return (first, second) -> second;
  }
}
