package org.dc4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The native tests' CUDA device without a GPU (native/README.md), for a JVM of its own: the CUDA
 * backend on the CPU, slowly.
 */
public final class EmulatedCuda {
  private static final Path FOLDER =
      Path.of("../native/target/cmake/tests/cuda_emulated").toAbsolutePath().normalize();

  private EmulatedCuda() {}

  /** For {@link ChildJvm}; the test is skipped where the native tests were not built. */
  public static Map<String, String> environment() {
    Path library = FOLDER.resolve("libdc4j_cuda_emulated.so");
    assumeTrue(Files.exists(library), "the native tests were not built");
    return Map.of(
        "DC4J_CUDA_LIBRARY", library.toString(),
        "DC4J_CUBLAS_DIR", FOLDER.toString(),
        "DC4J_EMULATED_FAULTS", "silent");
  }
}
