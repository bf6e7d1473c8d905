package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.dc4j.cluster.KMeans;
import org.dc4j.nativecore.DeviceAllocate;
import org.dc4j.nativecore.global.dc4j;

/** What {@link CudaFromJavaTest} runs in a JVM of its own. */
final class CudaFromJava {
  private static final Random RANDOM = new Random(5);

  private CudaFromJava() {}

  public static void main(String[] arguments) {
    try (DeviceContext gpu = DeviceContext.open("cuda", 2);
        DeviceContext cpu = DeviceContext.open("cpu", 2)) {
      assertEquals("cuda", gpu.backend());
      kMeansIsThatOfTheCpu(gpu, cpu);
      neighboursAreThoseOfTheCpu(gpu, cpu);
      tensorsAreUsedInPlace(gpu);
      workspaceIsTheCallers(gpu);
      whatGoesWrong(gpu, cpu);
      residentRowsGoWithTheirOwner();
      allocatorsComeAndGo();
      allocatorsComeAndGoInAScope();
      allocatorsWithoutAnEntryAreRefused();
      contextsAreNotClosedByTheirAllocator();
      workspaceIsTheCallers(gpu);
    }
    System.out.println("all passed");
  }

  private static FloatMatrix gaussian(int n, int d) {
    float[] values = new float[n * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return FloatMatrix.of(values, n, d);
  }

  private static void kMeansIsThatOfTheCpu(DeviceContext gpu, DeviceContext cpu) {
    KMeans.Options options = KMeans.Options.of(7, 3);
    try (FloatMatrix x = gaussian(600, 20);
        KMeans.Result here = KMeans.fit(cpu.kernels(), x, options);
        KMeans.Result there = KMeans.fit(gpu.kernels(), x, options)) {
      assertArrayEquals(here.labels().toArray(), there.labels().toArray());
      assertArrayEquals(here.centroids().toArray(), there.centroids().toArray());
    }
  }

  private static void neighboursAreThoseOfTheCpu(DeviceContext gpu, DeviceContext cpu) {
    try (FloatMatrix x = gaussian(90, 33);
        LongVector here = LongVector.allocate(90 * 4);
        LongVector there = LongVector.allocate(90 * 4)) {
      cpu.kernels().nearestSelf(x, 4, false, here, null);
      gpu.kernels().nearestSelf(x, 4, false, there, null);
      for (int i = 0; i < 90 * 4; i++) {
        assertEquals(here.get(i), there.get(i));
      }
    }
  }

  /** Rows, memory and gradient on the device, as a training beside us would hold them. */
  private static void tensorsAreUsedInPlace(DeviceContext gpu) {
    try (FloatMatrix x = gaussian(6, 40);
        FloatMatrix memory = gaussian(50, 40);
        IntVector labels = IntVector.of(new int[] {3, 49, -1, 0, 7, 7});
        FloatMatrix gradient = FloatMatrix.allocate(6, 40);
        FloatMatrix brought = FloatMatrix.allocate(6, 40);
        ResidentRows deviceX = gpu.kernels().resident(x);
        ResidentRows deviceMemory = gpu.kernels().resident(memory);
        ResidentRows deviceGradient = gpu.kernels().resident(gradient)) {
      gpu.useStream(null);
      double expected = gpu.losses().infoNce(x, memory, labels, 0.05, Precision.FP32, gradient);
      double loss =
          gpu.losses()
              .infoNce(
                  deviceX.rows(),
                  deviceMemory.rows(),
                  labels,
                  0.05,
                  Precision.FP32,
                  deviceGradient.rows());
      assertEquals(expected, loss);
      gpu.copy(deviceGradient.rows(), brought);
      assertArrayEquals(gradient.toArray(), brought.toArray());
      assertTrue(expected > 0);
    }
  }

  /** Gives memory of another context of the device; counts what is out. */
  private static final class Counting implements DeviceAllocator, AutoCloseable {
    private final DeviceContext source = DeviceContext.open("cuda", 1);
    private final Map<Long, Long> out = new HashMap<>();
    private final Map<Long, Long> returned = new HashMap<>();
    private long given;

    @Override
    public Pointer allocate(long bytes, Pointer stream) {
      try (PointerPointer<Pointer> to = new PointerPointer<>(1)) {
        source.call(open -> dc4j.dc4j_context_alloc(open, bytes, to));
        Pointer memory = to.get(0);
        out.put(memory.address(), bytes);
        given += bytes;
        return memory;
      }
    }

    @Override
    public void release(Pointer memory, long bytes, Pointer stream) {
      assertEquals(bytes, out.remove(memory.address()));
      returned.put(memory.address(), bytes);
    }

    @Override
    public void close() {
      for (Map.Entry<Long, Long> block : returned.entrySet()) {
        Pointer memory =
            new Pointer((Pointer) null) {
              {
                address = block.getKey();
              }
            };
        source.call(open -> dc4j.dc4j_context_free(open, memory, block.getValue()));
      }
      source.close();
    }
  }

  private static void workspaceIsTheCallers(DeviceContext gpu) {
    try (Counting own = new Counting();
        FloatMatrix x = gaussian(40, 8);
        FloatMatrix centroids = gaussian(3, 8);
        IntVector expected = IntVector.allocate(40);
        IntVector labels = IntVector.allocate(40)) {
      gpu.kernels().kmeansAssign(x, centroids, expected, null);
      gpu.useAllocator(own);
      gpu.kernels().kmeansAssign(x, centroids, labels, null);
      assertArrayEquals(expected.toArray(), labels.toArray());
      assertTrue(own.given > 0);
      assertTrue(own.out.isEmpty());
      long given = own.given;
      gpu.useAllocator(null);
      gpu.kernels().kmeansAssign(x, centroids, labels, null);
      assertEquals(given, own.given);
    }
  }

  /** An entry of JavaCPP is free again once its context is closed. */
  private static void allocatorsComeAndGo() {
    for (int i = 0; i < 30; i++) {
      try (DeviceContext context = DeviceContext.open("cuda", 1)) {
        context.useAllocator(new Nothing(false));
        context.useAllocator(new Nothing(false));
      }
    }
    List<DeviceContext> contexts = new ArrayList<>();
    try (FloatMatrix x = gaussian(4, 3)) {
      for (int i = 0; i < 10; i++) {
        DeviceContext context = DeviceContext.open("cuda", 1);
        contexts.add(context);
        context.useAllocator(new Nothing(false));
        assertThrows(NativeMemoryException.class, () -> context.kernels().normalizeRows(x, x));
      }
      contexts.add(DeviceContext.open("cuda", 1));
      assertThrows(
          IllegalStateException.class, () -> contexts.get(10).useAllocator(new Nothing(false)));
    } finally {
      contexts.forEach(DeviceContext::close);
    }
  }

  /** Whoever closes the view of them. */
  private static void residentRowsGoWithTheirOwner() {
    try (Counting own = new Counting();
        DeviceContext context = DeviceContext.open("cuda", 1);
        FloatMatrix x = gaussian(40, 8)) {
      context.useAllocator(own);
      ResidentRows resident = context.kernels().resident(x);
      FloatMatrix part = resident.rows().rowRange(3, 2);
      resident.rows().close();
      assertFalse(own.out.isEmpty());
      resident.close();
      assertTrue(own.out.isEmpty());
      resident.close();
      assertThrows(IllegalStateException.class, () -> context.kernels().normalizeRows(part, part));
    }
  }

  /** An entry is free again though a PointerScope of the caller's is open. */
  @SuppressWarnings("try") // a scope works by being open
  private static void allocatorsComeAndGoInAScope() {
    try (PointerScope scope = new PointerScope();
        FloatMatrix x = gaussian(4, 3)) {
      for (int i = 0; i < 12; i++) {
        try (DeviceContext context = DeviceContext.open("cuda", 1)) {
          context.useAllocator(new Nothing(false));
          assertThrows(NativeMemoryException.class, () -> context.kernels().normalizeRows(x, x));
        }
      }
    }
  }

  /** Where others have taken all entries, no pool of ours stands in for the allocator. */
  private static void allocatorsWithoutAnEntryAreRefused() {
    List<DeviceAllocate> others = new ArrayList<>();
    try (DeviceContext context = DeviceContext.open("cuda", 1)) {
      for (int i = 0; i < 10; i++) {
        others.add(new DeviceAllocate() {});
      }
      String refused =
          assertThrows(IllegalStateException.class, () -> context.useAllocator(new Nothing(false)))
              .getMessage();
      assertTrue(refused.contains("no entry left"), refused);
      others.remove(0).close();
      context.useAllocator(new Nothing(false));
    } finally {
      others.forEach(DeviceAllocate::close);
    }
  }

  private static void contextsAreNotClosedByTheirAllocator() {
    try (DeviceContext context = DeviceContext.open("cuda", 1);
        FloatMatrix x = gaussian(4, 3)) {
      List<String> refused = new ArrayList<>();
      context.useAllocator(
          new DeviceAllocator() {
            @Override
            public Pointer allocate(long bytes, Pointer stream) {
              refused.add(assertThrows(IllegalStateException.class, context::close).getMessage());
              return null;
            }

            @Override
            public void release(Pointer memory, long bytes, Pointer stream) {
              throw new AssertionError("nothing was given");
            }
          });
      assertThrows(NativeMemoryException.class, () -> context.kernels().normalizeRows(x, x));
      assertFalse(refused.isEmpty());
      context.useAllocator(null);
      context.kernels().normalizeRows(x, x);
    }
  }

  private static void whatGoesWrong(DeviceContext gpu, DeviceContext cpu) {
    assertThrows(UnsupportedDeviceException.class, () -> cpu.useStream(null));
    assertThrows(UnsupportedDeviceException.class, () -> cpu.useAllocator(null));
    try (FloatMatrix x = gaussian(40, 8);
        FloatMatrix notThere = FloatMatrix.deviceView(x.pointer(), 40, 8, x);
        FloatMatrix centroids = gaussian(3, 8);
        IntVector labels = IntVector.allocate(40);
        ResidentRows deviceX = gpu.kernels().resident(x)) {
      String host =
          assertThrows(
                  InvalidArgumentException.class,
                  () -> gpu.kernels().kmeansAssign(notThere, centroids, labels, null))
              .getMessage();
      assertTrue(host.contains("device"), host);
      assertThrows(
          InvalidArgumentException.class,
          () -> cpu.kernels().kmeansAssign(deviceX.rows(), centroids, labels, null));
      assertThrows(InvalidArgumentException.class, () -> gpu.copy(x, centroids));
      assertThrows(InvalidArgumentException.class, () -> cpu.copy(deviceX.rows(), x));
      assertThrows(InvalidArgumentException.class, () -> cpu.copy(x, deviceX.rows()));
    }
    try (FloatMatrix x = gaussian(40, 8);
        FloatMatrix centroids = gaussian(3, 8);
        IntVector labels = IntVector.allocate(40)) {
      for (boolean throwing : new boolean[] {false, true}) {
        gpu.useAllocator(new Nothing(throwing));
        assertThrows(
            NativeMemoryException.class,
            () -> gpu.kernels().kmeansAssign(x, centroids, labels, null));
      }
      gpu.useAllocator(null);
      gpu.kernels().kmeansAssign(x, centroids, labels, null);
    }
  }

  private record Nothing(boolean throwing) implements DeviceAllocator {
    @Override
    public Pointer allocate(long bytes, Pointer stream) {
      if (throwing) {
        throw new IllegalStateException("planned");
      }
      return null;
    }

    @Override
    public void release(Pointer memory, long bytes, Pointer stream) {
      throw new AssertionError("nothing was given");
    }
  }
}
