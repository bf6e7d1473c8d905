package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.ChildJvm;
import org.dc4j.OnCudaDevices;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link CudaFromJava} on the CUDA backend: in a JVM whose kernels run in the native tests'
 * emulation, and on the GPU where there is one.
 */
class CudaFromJavaTest extends OnCudaDevices {
  @TempDir private Path folder;

  @Override
  protected void run(Map<String, String> environment) throws Exception {
    ChildJvm.Output output =
        ChildJvm.run(folder, 3, List.of("-Xmx256m"), CudaFromJava.class, environment);
    assertEquals(0, output.exit(), output.text());
    assertEquals("all passed", output.text().lines().reduce((a, b) -> b).orElse(""));
  }
}
