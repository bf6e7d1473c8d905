package org.dc4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.kernels.NativeLibraries;
import org.junit.jupiter.api.Test;

/**
 * A test of the CUDA backend in a JVM of its own: on the native tests' emulation of a device
 * (native/README.md), and on the GPU where there is one.
 */
public abstract class OnCudaDevices {
  private static final Path EMULATION =
      Path.of("../native/target/cmake/tests/cuda_emulated").toAbsolutePath().normalize();

  @Test
  void onTheEmulation() throws Exception {
    Path library = EMULATION.resolve("libdc4j_cuda_emulated.so");
    assumeTrue(Files.exists(library), "the native tests were not built");
    run(
        Map.of(
            "DC4J_CUDA_LIBRARY", library.toString(),
            "DC4J_CUBLAS_DIR", EMULATION.toString(),
            "DC4J_EMULATED_FAULTS", "silent"));
  }

  @Test
  void onTheGpu() throws Exception {
    assumeTrue(NativeLibraries.cudaStatus().isEmpty(), NativeLibraries.cudaStatus());
    run(Map.of());
  }

  /** The test, by {@link ChildJvm} with variables for its environment. */
  protected abstract void run(Map<String, String> environment) throws Exception;
}
