package org.dc4j.kernels;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.bytedeco.javacpp.FloatPointer;

/** What {@link ForgottenMemoryTest} runs in a JVM of its own, whose collections are short. */
final class ForgottenMemory {
  private static final int FLOATS = 1 << 20;
  private static final long BYTES = 4L * FLOATS;
  private static final int CALLS_UNTIL_COMPILED = 15_000;

  private ForgottenMemory() {}

  /** What is all that is left of memory, and refers to it. */
  enum Use {
    POINTER(matrix -> matrix.pointer()),
    PART_OF_POINTER(matrix -> matrix.pointer().getPointer(5)),
    PART_OF_PART(matrix -> matrix.pointer().getPointer(5).getPointer(5)),
    BUFFER_OF_POINTER(matrix -> matrix.pointer().asBuffer()),
    VIEW(matrix -> matrix.nativeView()),
    RANGE(matrix -> matrix.rowRange(1, 2)),
    POINTER_OF_RANGE(matrix -> matrix.rowRange(1, 2).rowRange(0, 1).pointer()),
    BUFFER(matrix -> matrix.buffer(1, 2)),
    VIEW_OF_BUFFER(matrix -> matrix.buffer(1, 2).duplicate().slice()),
    INTS(matrix -> IntVector.allocate(FLOATS).pointer().getPointer(1)),
    LONGS(matrix -> LongVector.allocate(FLOATS / 2).pointer().getPointer(1)),
    BUFFER_OF_INTS(matrix -> IntVector.allocate(FLOATS).pointer().asBuffer()),
    BUFFER_OF_LONGS(matrix -> LongVector.allocate(FLOATS / 2).pointer().asBuffer());

    private final Function<FloatMatrix, Object> make;

    Use(Function<FloatMatrix, Object> make) {
      this.make = make;
    }
  }

  /** The last of a view of memory that its owner keeps alive. */
  enum ForeignUse {
    POINTER((memory, owner) -> FloatMatrix.view(memory, 2, 3, owner).rowRange(1, 1).pointer()),
    BUFFER((memory, owner) -> FloatMatrix.view(memory, 2, 3, owner).buffer(0, 2)),
    DEVICE_VIEW(
        (memory, owner) -> FloatMatrix.deviceView(memory, 2, 3, owner).rowRange(1, 1).nativeView()),
    DEVICE_POINTER((memory, owner) -> FloatMatrix.deviceView(memory, 2, 3, owner).anyPointer());

    private final BiFunction<FloatPointer, Object, Object> make;

    ForeignUse(BiFunction<FloatPointer, Object, Object> make) {
      this.make = make;
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    NativeLibraries.load();
    for (Use use : Use.values()) {
      whatIsLeftOfItKeepsIt(use);
    }
    for (ForeignUse use : ForeignUse.values()) {
      ownersOfForeignMemoryAreKept(use);
    }
    kernelsReadItToTheEnd();
    System.out.println("survived");
  }

  private static void whatIsLeftOfItKeepsIt(Use use) throws InterruptedException {
    Object left = use.make.apply(FloatMatrix.allocate(8, FLOATS / 8));
    collect();
    assertTrue(NativeLibraries.allocatedBytes() >= BYTES, () -> use + " does not keep it");
    Reference.reachabilityFence(left);
    left = null;
    waitFor(use + " keeps it for ever", () -> NativeLibraries.allocatedBytes() == 0);
  }

  private static void ownersOfForeignMemoryAreKept(ForeignUse use) throws InterruptedException {
    try (FloatPointer memory = new FloatPointer(6)) {
      WeakReference<Object> owner = new WeakReference<>(new Object());
      Object left = use.make.apply(memory, owner.get());
      collect();
      assertNotNull(owner.get(), () -> use + " does not keep the owner");
      Reference.reachabilityFence(left);
      left = null;
      waitFor(use + " keeps the owner for ever", () -> owner.get() == null);
    }
  }

  /** In compiled code, where an argument's last use is the call, beside a busy collector. */
  private static void kernelsReadItToTheEnd() {
    try (DeviceContext context = DeviceContext.open("reference", 1)) {
      Kernels kernels = context.kernels();
      for (int i = 0; i < CALLS_UNTIL_COMPILED; i++) {
        call(kernels, 1);
      }
      startCollecting();
      for (int i = 0; i < 12; i++) {
        call(kernels, 200_000);
      }
    }
  }

  private static void call(Kernels kernels, long rows) {
    FloatMatrix x = FloatMatrix.allocate(rows, 16);
    FloatMatrix centroids = FloatMatrix.allocate(2, 16);
    IntVector labels = IntVector.allocate(rows);
    LongVector counts = LongVector.allocate(2);
    kernels.normalizeRows(x, x);
    kernels.kmeansUpdate(x, labels, centroids, counts);
  }

  private static void startCollecting() {
    Thread collector =
        new Thread(
            () -> {
              while (true) {
                System.gc();
              }
            });
    collector.setDaemon(true);
    collector.start();
  }

  /** Until what is unreachable now is freed: something small that becomes so later is, too. */
  private static void collect() throws InterruptedException {
    System.gc();
    Thread.sleep(5); // the cleaner has a thread of its own
    long before = NativeLibraries.allocatedBytes();
    FloatMatrix.allocate(1, 16);
    waitFor("nothing is freed", () -> NativeLibraries.allocatedBytes() <= before);
  }

  private static void waitFor(String otherwise, BooleanSupplier condition)
      throws InterruptedException {
    for (int i = 0; !condition.getAsBoolean(); i++) {
      assertTrue(i < 2000, otherwise);
      System.gc();
      Thread.sleep(2);
    }
  }
}
