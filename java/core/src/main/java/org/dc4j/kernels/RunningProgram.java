package org.dc4j.kernels;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.dc4j.nativecore.Environment;
import org.dc4j.nativecore.Program;

/** The program that this process runs: a JVM. Only for a {@code main} that owns its process. */
public final class RunningProgram {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final String EXECUTABLE = "/proc/self/exe";

  private RunningProgram() {}

  /**
   * Starts the JVM anew in this process with its own command line and {@code options} in front of
   * the others: same process id, terminal and open files, {@code defaults} added to the environment
   * where it does not set them. Nothing else of the running JVM is left and no shutdown hook runs.
   * Returns only if the system refuses; then nothing has changed.
   *
   * @param options of the JVM, ASCII; what the command line itself says comes later and wins
   * @param defaults of environment variables
   * @throws IOException where /proc does not tell the command line
   * @throws UnsatisfiedLinkError if the native boot library cannot be loaded
   */
  @SuppressWarnings("try") // a scope works by being open
  public static void restart(List<String> options, Map<String, String> defaults)
      throws IOException {
    List<String> words = new ArrayList<>();
    // Bytes as characters: arguments come out as they came in, whatever the locale.
    for (String word : Files.readString(COMMAND_LINE, ISO_8859_1).split("\0", -1)) {
      words.add(word);
    }
    words.remove(words.size() - 1); // every word ends with a zero
    words.addAll(1, options);
    try (PointerScope scope = new PointerScope()) {
      PointerPointer<BytePointer> arguments = new PointerPointer<>(words.size() + 1L);
      for (int i = 0; i < words.size(); i++) {
        arguments.put(i, new BytePointer(words.get(i), ISO_8859_1));
      }
      arguments.put(words.size(), null);
      defaults.forEach((name, value) -> Environment.setenv(name, value, 0));
      Program.execv(EXECUTABLE, arguments);
    }
  }

  /**
   * Ends this process now: no shutdown hook runs, no exit handler and no destructor of a library.
   * Runtime.exit and halt run the latter, which crash threads that are still inside libtorch.
   *
   * @throws UnsatisfiedLinkError if the native boot library cannot be loaded
   */
  public static void end(int status) {
    Program._exit(status);
  }
}
