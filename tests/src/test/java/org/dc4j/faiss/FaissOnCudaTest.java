package org.dc4j.faiss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dc4j.ChildJvm;
import org.dc4j.OnCudaDevices;
import org.junit.jupiter.api.io.TempDir;

/** {@link FaissOnCuda} on FAISS's indexes over the emulation, and on its GPU part where it is. */
class FaissOnCudaTest extends OnCudaDevices {
  @TempDir private Path folder;

  @Override
  protected void run(Map<String, String> environment) throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    if (environment.isEmpty()) {
      assumeTrue(Faiss.whyNot("cuda").isEmpty(), Faiss.whyNot("cuda"));
    } else {
      assumeTrue(Faiss.isAvailable(), Faiss.whyNot());
      Path emulation = Path.of(environment.get("DC4J_CUBLAS_DIR"));
      all.put(
          "DC4J_FAISS_GPU_LIBRARY", emulation.resolve("libdc4j_faiss_gpu_emulated.so").toString());
      // The driver, which says where an address is.
      all.put("LD_PRELOAD", emulation.resolve("libcuda.so.1").toString());
    }
    ChildJvm.Output output = ChildJvm.run(folder, 3, List.of("-Xmx256m"), FaissOnCuda.class, all);
    assertEquals(0, output.exit(), output.text());
    assertEquals("all passed", output.text().lines().reduce((a, b) -> b).orElse(""));
  }
}
