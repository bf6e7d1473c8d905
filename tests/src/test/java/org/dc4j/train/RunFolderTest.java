package org.dc4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.format.AtomicFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path temporary;

  private void assertInUse(long process) {
    assertThatThrownBy(() -> RunFolder.open(temporary, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "%s is in use by another run (process %d); wait until it ends, or choose another folder"
                .formatted(temporary, process));
  }

  @Test
  void belongsToOneRunAtATime() throws IOException {
    try (RunFolder run = RunFolder.open(temporary, false)) {
      run.writeText("plan.yaml", "method: none\n");
      // A second run neither comes in nor cleans up what the first is writing.
      AtomicFiles.writeFolder(
          run.checkpoints().resolve("step-0000000001"),
          writing -> {
            Files.writeString(writing.resolve("state"), "x");
            assertInUse(ProcessHandle.current().pid());
          });
      assertThat(run.checkpoints().resolve("step-0000000001/state")).hasContent("x");
    }
    assertThatThrownBy(() -> RunFolder.open(temporary, false))
        .hasMessageContaining("holds a run already");
    RunFolder.open(temporary, true).close();
  }

  @Test
  void aKilledRunLeavesItFree() throws Exception {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RunFolderHolder.class.getName(),
                temporary.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("open");
      assertInUse(holder.pid());
    } finally {
      holder.destroyForcibly();
    }
    assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    RunFolder.open(temporary, false).close();
  }

  @Test
  void startsOver() throws IOException {
    try (RunFolder run = RunFolder.open(temporary, false)) {
      run.appendRow(Map.of("loss", 1), 1);
    }
    try (RunFolder run = RunFolder.open(temporary, true)) {
      run.startOver();
      run.appendRow(Map.of("loss", 2), 1);
    }
    assertThat(temporary.resolve("metrics.jsonl")).hasContent("{\"loss\":2}\n");
  }

  @Test
  void anIdIsOneLine() throws IOException {
    ImageSource images =
        new ImageSource() {
          @Override
          public int size() {
            return 2;
          }

          @Override
          public String name(int id) {
            return id == 0 ? "a\nb\u2028c" : "plain";
          }

          @Override
          public Image read(int id) {
            throw new AssertionError("image " + id + " was read");
          }
        };
    try (RunFolder run = RunFolder.open(temporary, false)) {
      run.writeIds(images);
    }
    assertThat(Files.readAllLines(temporary.resolve("ids.txt")))
        .containsExactly("a\\x0Ab\\u2028c", "plain");
  }
}
