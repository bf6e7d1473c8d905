package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAISS on a CUDA device: beside the CPU where there is one, refused with the reason elsewhere. */
@NeedsFaiss
class FaissGpuTest {
  private static final int ROWS = 2000;
  private static final int WIDTH = 16;

  @TempDir Path folder;

  private static void assumeDevice() {
    assumeTrue(Faiss.whyNot("cuda").isEmpty(), () -> "FAISS-GPU: " + Faiss.whyNot("cuda"));
  }

  @Test
  void theCpuNeedsNoDevice() {
    assertThat(Faiss.whyNot("cpu")).isEmpty();
    try (FloatMatrix x = FaissFixture.blobs(200, WIDTH, 5, 0.3, 1);
        FaissIndex index = FaissIndex.create(WIDTH, "Flat", FaissMetric.L2, "cpu");
        FaissKMeans.Result named = FaissKMeans.fit(x, FaissKMeans.Options.of(5, 1), "cpu", 1);
        FaissKMeans.Result plain = FaissKMeans.fit(x, FaissKMeans.Options.of(5, 1), 1)) {
      assertThat(index.device()).isEqualTo("cpu");
      assertThat(named.labels().toArray()).isEqualTo(plain.labels().toArray());
    }
  }

  @Test
  void aDeviceThatIsNotThereIsRefusedWithTheReason() {
    String device = Faiss.whyNot("cuda").isEmpty() ? "cuda:99" : "cuda";
    String reason = Faiss.whyNot(device);
    assertThat(reason).isNotEmpty();
    try (FloatMatrix x = FaissFixture.blobs(200, WIDTH, 5, 0.3, 1)) {
      assertThatThrownBy(() -> FaissKMeans.fit(x, FaissKMeans.Options.of(5, 1), device, 1))
          .isInstanceOf(UnsupportedDeviceException.class)
          .hasMessageContaining("FAISS on CUDA device")
          .hasMessageContaining(reason);
      assertThatThrownBy(() -> FaissIndex.create(WIDTH, "Flat", FaissMetric.L2, device))
          .isInstanceOf(UnsupportedDeviceException.class)
          .hasMessageContaining(reason);
    }
  }

  @Test
  void otherNamesAreNoDevice() {
    for (String name : new String[] {"", "gpu", "cuda:", "cuda:-1", "cuda:12345", "auto"}) {
      assertThatThrownBy(() -> Faiss.whyNot(name))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("'" + name + "'; FAISS takes cpu and cuda[:i]");
    }
  }

  @Test
  void kmeansIsAsGoodAsOnTheCpu() {
    assumeDevice();
    FaissKMeans.Options options = FaissKMeans.Options.of(40, 3);
    try (FloatMatrix x = FaissFixture.blobs(ROWS, WIDTH, 50, 0.6, 2);
        FaissKMeans.Result cpu = FaissKMeans.fit(x, options, 2);
        FaissKMeans.Result gpu = FaissKMeans.fit(x, options, "cuda", 2)) {
      assertThat(gpu.objectives()).hasSameSizeAs(cpu.objectives());
      assertThat(gpu.objective()).isCloseTo(cpu.objective(), within(0.05 * cpu.objective()));
    }
  }

  @Test
  void indexesFindWhatTheyFindOnTheCpuAndAreSaved() {
    assumeDevice();
    Path file = folder.resolve("gpu.faiss");
    for (String description : new String[] {"Flat", "IVF20,Flat"}) {
      try (FloatMatrix x = FaissFixture.blobs(ROWS, WIDTH, 50, 0.6, 3);
          FaissIndex index = FaissIndex.create(WIDTH, description, FaissMetric.L2, "cuda")) {
        assertThat(index.device()).isEqualTo("cuda:0");
        index.train(x, 2);
        index.add(x, 2);
        index.save(file);
        try (FaissIndex loaded = FaissIndex.load(file);
            FloatMatrix queries = x.rowRange(0, 100);
            FaissIndex.Result there = index.search(queries, 1, 2);
            FaissIndex.Result here = loaded.search(queries, 1, 2)) {
          assertThat(loaded.device()).isEqualTo("cpu");
          // Each row is its own neighbour.
          for (int i = 0; i < 100; i++) {
            assertThat(there.ids().get(i)).isEqualTo(i);
            assertThat(here.ids().get(i)).isEqualTo(i);
          }
        }
      }
    }
  }
}
