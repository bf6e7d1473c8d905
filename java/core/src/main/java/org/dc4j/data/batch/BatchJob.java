package org.dc4j.data.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.dc4j.data.ImageBatch;
import org.dc4j.kernels.FloatMatrix;

/**
 * A batch in the making: the worker threads fill its rows part by part, the consumer waits for all
 * parts. Owns the pixels until {@link #take} hands them over.
 */
final class BatchJob {
  private final int[] ids;
  private final List<FloatMatrix> crops = new ArrayList<>();
  private final CountDownLatch parts;
  private volatile boolean cancelled;
  private Throwable failure; // of the lowest row, whichever thread met it first; guarded by this
  private int failedRow = Integer.MAX_VALUE;

  /**
   * An empty batch.
   *
   * @param rowFloats floats of a row, per crop
   */
  BatchJob(int[] ids, long[] rowFloats, int parts) {
    this.ids = ids;
    this.parts = new CountDownLatch(parts);
    try {
      for (long floats : rowFloats) {
        crops.add(FloatMatrix.allocate(ids.length, floats));
      }
    } catch (RuntimeException | Error e) {
      crops.forEach(FloatMatrix::close);
      throw e;
    }
  }

  int[] ids() {
    return ids;
  }

  FloatMatrix rows(int crop, int from, int count) {
    return crops.get(crop).rowRange(from, count);
  }

  /** Lets workers stop at the next image. */
  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  synchronized void fail(int row, Throwable problem) {
    if (row < failedRow) {
      failedRow = row;
      failure = problem;
    }
  }

  void partDone() {
    parts.countDown();
  }

  /** Waits and hands the batch over; throws what a worker met, the pixels then stay here. */
  ImageBatch take() throws InterruptedException {
    parts.await();
    Throwable problem;
    synchronized (this) {
      problem = failure;
    }
    if (problem == null) {
      return new ImageBatch(ids, List.copyOf(crops));
    }
    if (problem instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) problem; // workers declare no checked exceptions
  }

  /** Stops work on this batch, waits until no thread writes into it, and frees its pixels. */
  void discard() {
    cancel();
    boolean interrupted = false;
    while (true) {
      try {
        parts.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // memory that is being written to cannot be freed
      }
    }
    crops.forEach(FloatMatrix::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
