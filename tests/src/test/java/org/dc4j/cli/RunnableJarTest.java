package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dc4j.jar as its users start it: a process of its own. */
class RunnableJarTest {
  private static final Path JAR = Path.of("../java/cli/target/dc4j.jar");

  @TempDir Path folder;

  private int run(String... args) throws Exception {
    assumeTrue(Files.exists(JAR), JAR + " is not built; mvn package builds it");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(command + " did not end");
    }
    return process.exitValue();
  }

  @Test
  void doctorRunsFromTheJarAlone() throws Exception {
    assertThat(run("doctor", "--json")).isZero();
    String out = Files.readString(folder.resolve("out"));
    assertThat(new ObjectMapper().readTree(out).at("/device/usable").asBoolean()).isTrue();
    assertThat(Files.readString(folder.resolve("err"))).isEmpty();
  }

  @Test
  void usageErrorsEndWithTwo() throws Exception {
    assertThat(run("doctor", "--nonsense")).isEqualTo(2);
    assertThat(Files.readString(folder.resolve("out"))).isEmpty();
    assertThat(Files.readString(folder.resolve("err"))).contains("unknown option '--nonsense'");
  }
}
