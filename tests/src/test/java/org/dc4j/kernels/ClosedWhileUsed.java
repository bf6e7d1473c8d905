package org.dc4j.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.dc4j.faiss.Faiss;
import org.dc4j.faiss.FaissPca;

/**
 * What {@link NativeHandleTest} runs in a JVM of its own: two threads use an owner of a native
 * object until it throws, while two others close it.
 */
final class ClosedWhileUsed {
  private static final int ROWS = 20_000;

  private ClosedWhileUsed() {}

  public static void main(String[] arguments) throws Exception {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = FloatMatrix.allocate(ROWS, 16);
        FloatMatrix centroids = FloatMatrix.allocate(2, 16);
        IntVector labels = IntVector.allocate(ROWS);
        IntVector found = IntVector.allocate(ROWS);
        LongVector counts = LongVector.allocate(2)) {
      for (int i = 0; i < ROWS; i++) {
        x.set(i, i % 16, i); // of full rank, for a PCA
      }
      for (int round = 0; round < 20; round++) {
        DeviceContext other = DeviceContext.open("cpu", 2);
        Kernels kernels = other.kernels();
        closeUnder(other, () -> kernels.normalizeRows(x, x));
        Pca pca = context.kernels().pca(16);
        closeUnder(pca, () -> pca.add(x));
        KMeansSums sums = context.kernels().kmeansSums(x, 2);
        closeUnder(sums, () -> sums.update(x, labels, centroids, counts));
        SparseGraph graph = SparseGraph.of(new long[ROWS + 1], new int[0], new float[0], 1);
        closeUnder(graph, () -> context.graphs().dbscan(graph, 0.5f, 1, found));
        if (Faiss.isAvailable()) {
          FaissPca faiss = FaissPca.train(x, 4, false, 1);
          closeUnder(faiss, () -> faiss.apply(x, 1).close());
        }
      }
    }
    System.out.println("survived");
  }

  private static void closeUnder(AutoCloseable owner, Runnable use) throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> unexpected = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(new Thread(() -> useUntilClosed(use, calls, unexpected)));
      threads.add(
          new Thread(
              () -> {
                while (calls.get() < 2) {
                  Thread.onSpinWait();
                }
                try {
                  owner.close();
                } catch (Exception e) {
                  unexpected.add(e);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    if (!unexpected.isEmpty()) {
      throw new AssertionError(owner.getClass().toString(), unexpected.get(0));
    }
  }

  private static void useUntilClosed(
      Runnable use, AtomicInteger calls, List<Throwable> unexpected) {
    try {
      while (true) {
        use.run();
        calls.incrementAndGet();
      }
    } catch (IllegalStateException e) {
      if (!e.getMessage().contains("used after close")) {
        unexpected.add(e);
      }
    } catch (RuntimeException e) {
      unexpected.add(e);
    }
    calls.addAndGet(2);
  }
}
