package org.dc4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a process of its own: for memory that must not be anybody
 * else's, and for calls that could end the process.
 */
public final class ChildJvm {
  /** Exit status and everything written to both streams. */
  public record Output(int exit, String text) {}

  private ChildJvm() {}

  /** Runs {@code main} on this test's class path; kills it and throws after {@code minutes}. */
  public static Output run(Path folder, int minutes, List<String> options, Class<?> main)
      throws IOException, InterruptedException {
    return run(folder, minutes, options, main, Map.of());
  }

  /**
   * @param environment added to this process's own
   */
  public static Output run(
      Path folder,
      int minutes,
      List<String> options,
      Class<?> main,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:ErrorFile=" + folder.resolve("crash.log"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    Path text = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(text.toFile());
    if (!environment.isEmpty()) {
      // Untouched, the child has this process's environment as native code has changed it.
      builder.environment().putAll(environment);
    }
    Process process = builder.start();
    if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(
          main.getName() + " ran longer than " + minutes + " min: " + Files.readString(text));
    }
    return new Output(process.exitValue(), Files.readString(text));
  }
}
