package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * libtorch, FAISS and dc4j work in one process, whichever comes first, on one OpenMP runtime and
 * one OpenBLAS: with two, each would keep a team of its own threads.
 */
@NeedsFaiss
class OneProcessTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"torch,faiss,ours", "faiss,torch,ours", "ours,faiss,torch"})
  void allThreeShareOneRuntime(String order) throws Exception {
    ChildJvm.Output output = ChildJvm.run(folder, 3, List.of("-Dorder=" + order), OneProcess.class);
    assertThat(output.exit()).as(output.text()).isZero();
    Map<String, List<Double>> numbers = new HashMap<>();
    List<String> mapped = new ArrayList<>();
    for (String line : output.text().lines().toList()) {
      String[] words = line.split(" ", 2);
      if (words[0].equals("mapped")) {
        mapped.add(words[1]);
      } else if (order.contains(words[0])) {
        numbers
            .computeIfAbsent(words[0], part -> new ArrayList<>())
            .add(Double.parseDouble(words[1]));
      }
    }
    assertThat(numbers).as(output.text()).containsOnlyKeys("torch", "faiss", "ours");
    for (List<Double> turns : numbers.values()) {
      assertThat(turns).hasSize(2);
      assertThat(turns.get(1)).isCloseTo(turns.get(0), withinRounding(turns.get(0)));
    }
    assertThat(mapped.stream().filter(path -> path.contains("omp"))).as("" + mapped).hasSize(1);
    assertThat(mapped.stream().filter(path -> path.contains("blas"))).as("" + mapped).hasSize(1);
  }

  private static Offset<Double> withinRounding(double value) {
    return Offset.offset(1e-4 * value);
  }
}
