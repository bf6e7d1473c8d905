package org.dc4j.faiss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.ResidentRows;

/** What {@link FaissOnCudaTest} runs in a JVM of its own. */
final class FaissOnCuda {
  private FaissOnCuda() {}

  public static void main(String[] arguments) {
    assertEquals("", Faiss.whyNot("cuda"));
    float[] values = new float[300 * 8];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (DeviceContext gpu = DeviceContext.open("cuda", 2);
        FloatMatrix x = FloatMatrix.of(values, 300, 8);
        ResidentRows resident = gpu.kernels().resident(x)) {
      kMeans(x, resident.rows());
      index(x, resident.rows(), "Flat", 0);
      index(x, resident.rows(), "IVF4,Flat", 4);
      refused(resident.rows());
    }
    System.out.println("all passed");
  }

  private static void kMeans(FloatMatrix x, FloatMatrix onDevice) {
    FaissKMeans.Options options = FaissKMeans.Options.of(5, 7);
    try (FaissKMeans.Result expected = FaissKMeans.fit(x, options, "cuda", 2);
        FaissKMeans.Result result = FaissKMeans.fit(onDevice, options, "cuda", 2)) {
      assertArrayEquals(expected.labels().toArray(), result.labels().toArray());
      assertArrayEquals(expected.centroids().toArray(), result.centroids().toArray(), 1e-5f);
    }
  }

  private static void index(FloatMatrix x, FloatMatrix onDevice, String description, int lists) {
    try (FaissIndex host = FaissIndex.create(8, description, FaissMetric.L2);
        FaissIndex device = FaissIndex.create(8, description, FaissMetric.L2, "cuda");
        FloatMatrix queries = onDevice.rowRange(10, 20);
        FloatMatrix same = x.rowRange(10, 20)) {
      host.train(x, 2);
      host.add(x, 2);
      device.train(onDevice, 2);
      device.add(onDevice, 2);
      if (lists > 0) { // all of them: exact
        host.setNprobe(lists);
        device.setNprobe(lists);
      }
      assertEquals(300, device.size());
      try (FaissIndex.Result expected = host.search(same, 3, 2);
          FaissIndex.Result result = device.search(queries, 3, 2)) {
        for (int i = 0; i < 20 * 3; i++) {
          assertEquals(expected.ids().get(i), result.ids().get(i));
        }
      }
    }
  }

  /** The CPU does not read what it cannot. */
  private static void refused(FloatMatrix onDevice) {
    FaissKMeans.Options options = FaissKMeans.Options.of(5, 7);
    assertThrows(InvalidArgumentException.class, () -> FaissKMeans.fit(onDevice, options, 2));
    try (FaissIndex index = FaissIndex.create(8, "Flat", FaissMetric.L2)) {
      assertThrows(InvalidArgumentException.class, () -> index.add(onDevice, 2));
      assertThrows(InvalidArgumentException.class, () -> index.search(onDevice, 3, 2));
    }
  }
}
