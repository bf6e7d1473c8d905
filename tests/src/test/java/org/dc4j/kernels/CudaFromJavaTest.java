package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.ChildJvm;
import org.dc4j.EmulatedCuda;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link CudaFromJava} on the CUDA backend: in a JVM whose kernels run in the native tests'
 * emulation, and on the GPU where there is one.
 */
class CudaFromJavaTest {
  @TempDir private Path folder;

  @Test
  void onTheEmulation() throws Exception {
    run(EmulatedCuda.environment());
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
