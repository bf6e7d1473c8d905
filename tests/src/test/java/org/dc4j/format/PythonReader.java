package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads files with numpy, where a Python with numpy is installed; otherwise skips the test. */
final class PythonReader {
  private PythonReader() {}

  static JsonNode describe(Path file) throws IOException, InterruptedException {
    Optional<String> python = python();
    assumeTrue(python.isPresent(), "no python3 with numpy on this machine");
    Path script = Path.of("golden", "describe_file.py");
    assertThat(script).as("tests run in the tests module's folder").exists();
    Process process =
        new ProcessBuilder(python.get(), script.toString(), file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return new ObjectMapper().readTree(output);
  }

  private static Optional<String> python() throws IOException, InterruptedException {
    for (String candidate : List.of("/usr/bin/python3", "python3")) {
      if (candidate.startsWith("/") && !Files.isExecutable(Path.of(candidate))) {
        continue;
      }
      try {
        Process probe =
            new ProcessBuilder(candidate, "-c", "import numpy")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0) {
          return Optional.of(candidate);
        }
      } catch (IOException absent) {
        continue; // no such program: try the next
      }
    }
    return Optional.empty();
  }
}
