package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that nobody closes is freed once nothing uses it, and not before. */
class ForgottenMemoryTest {
  @TempDir Path folder;

  @Test
  void isFreedAfterItsLastUseAndNotBefore() throws Exception {
    List<String> options = List.of("-Xmx64m", "-XX:+UseSerialGC");
    ChildJvm.Output output = ChildJvm.run(folder, 2, options, ForgottenMemory.class);
    assertThat(output.exit()).as(output.text()).isZero();
    assertThat(output.text()).contains("survived");
  }
}
