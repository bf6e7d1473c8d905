package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link CudaFromJava} on the CUDA backend: in a JVM whose kernels run in the native tests'
 * emulation, and on the GPU where there is one.
 */
class CudaFromJavaTest {
  private static final Path EMULATION =
      Path.of("../native/target/cmake/tests/cuda_emulated").toAbsolutePath().normalize();

  @TempDir private Path folder;

  @Test
  void onTheEmulation() throws Exception {
    Path library = EMULATION.resolve("libdc4j_cuda_emulated.so");
    assumeTrue(Files.exists(library), "the native tests were not built");
    Map<String, String> environment =
        Map.of(
            "DC4J_CUDA_LIBRARY", library.toString(),
            "DC4J_CUBLAS_DIR", EMULATION.toString(),
            "DC4J_EMULATED_FAULTS", "silent");
    run(environment);
  }

  @Test
  void onTheGpu() throws Exception {
    assumeTrue(NativeLibraries.cudaStatus().isEmpty(), NativeLibraries.cudaStatus());
    run(Map.of());
  }

  private void run(Map<String, String> environment) throws Exception {
    ChildJvm.Output output =
        ChildJvm.run(folder, 3, List.of("-Xmx256m"), CudaFromJava.class, environment);
    assertEquals(0, output.exit(), output.text());
    assertEquals("all passed", output.text().lines().reduce((a, b) -> b).orElse(""));
  }
}
