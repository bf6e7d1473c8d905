package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.dc4j.cluster.KMeans;
import org.junit.jupiter.api.Test;

class ResidentRowsTest {
  private static FloatMatrix gaussian(int n, int d) {
    Random random = new Random(1);
    float[] values = new float[n * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return FloatMatrix.of(values, n, d);
  }

  @Test
  void onTheCpuTheyAreTheCallersOwn() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix x = gaussian(5, 3)) {
      ResidentRows resident = context.kernels().resident(x);
      FloatMatrix rows = resident.rows();
      assertEquals(x.pointer().address(), rows.pointer().address());
      assertEquals(5, rows.rows());
      resident.close();
      resident.close();
      assertThrows(IllegalStateException.class, () -> rows.get(0, 0));
      assertEquals(3, x.row(4).length);
    }
  }

  @Test
  void rowsOfAGpuAreNotReadInJava() {
    try (FloatMatrix x = gaussian(5, 3);
        FloatMatrix there = FloatMatrix.deviceView(x.pointer(), 5, 3, x);
        FloatMatrix part = there.rowRange(1, 2)) {
      for (FloatMatrix rows : new FloatMatrix[] {there, part}) {
        assertThrows(IllegalStateException.class, () -> rows.get(0, 0));
        assertThrows(IllegalStateException.class, () -> rows.set(0, 0, 1));
        assertThrows(IllegalStateException.class, () -> rows.row(0));
        assertThrows(IllegalStateException.class, () -> rows.setRow(0, new float[3]));
        assertThrows(IllegalStateException.class, rows::toArray);
        assertThrows(IllegalStateException.class, rows::copy);
        assertThrows(IllegalStateException.class, rows::pointer);
        assertThrows(IllegalStateException.class, () -> rows.buffer(0, 1));
        assertThrows(IllegalStateException.class, () -> rows.gatherRows(new int[] {0}));
        assertThrows(IllegalStateException.class, () -> x.setRows(0, rows));
        assertThrows(IllegalStateException.class, () -> rows.setRow(1, x.row(0)));
      }
    }
  }

  @Test
  void kMeansOnAGpuIsThatOfTheCpu() {
    assumeTrue(NativeLibraries.cudaStatus().isEmpty(), NativeLibraries.cudaStatus());
    KMeans.Options options = KMeans.Options.of(20, 3);
    try (DeviceContext cpu = DeviceContext.open("cpu", 1);
        DeviceContext gpu = DeviceContext.open("cuda", 1);
        FloatMatrix x = gaussian(3000, 40);
        KMeans.Result here = KMeans.fit(cpu.kernels(), x, options);
        KMeans.Result there = KMeans.fit(gpu.kernels(), x, options)) {
      assertArrayEquals(here.labels().toArray(), there.labels().toArray());
      assertArrayEquals(here.centroids().toArray(), there.centroids().toArray());
    }
  }
}
