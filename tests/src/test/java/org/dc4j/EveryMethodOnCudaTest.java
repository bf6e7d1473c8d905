package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.method.Methods;
import org.junit.jupiter.api.io.TempDir;

/** Every method trains with its kernels on a CUDA device, and to the same bytes twice. */
class EveryMethodOnCudaTest extends OnCudaDevices {
  @TempDir Path folder;

  @Override
  protected void run(Map<String, String> environment) throws Exception {
    ChildJvm.Output output =
        ChildJvm.run(
            folder,
            5,
            List.of("-Xmx512m", "-Dfolder=" + folder),
            EveryMethodOnCuda.class,
            environment);
    assertThat(output.exit()).as(output.text()).isZero();
    for (String method : Methods.names()) {
      assertThat(output.text()).containsPattern("(?m)^" + method + ": [0-9]+\\.[0-9E-]+$");
    }
  }
}
