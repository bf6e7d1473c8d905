package org.dc4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Decodes every image of a source once to find the damaged ones. The rest of the program then works
 * on {@link ScanReport#quarantine}.
 */
public final class ImageScan {
  private final ImageSource source;
  private final IntConsumer progress;
  private final String[] reasons; // null = readable
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private int done; // guarded by this

  private ImageScan(ImageSource source, IntConsumer progress) {
    this.source = source;
    this.progress = progress;
    this.reasons = new String[source.size()];
  }

  /**
   * Reads every image. The report does not depend on the number of threads.
   *
   * @param threads decoding threads, >= 1
   * @param progress told the number of images done, from 1 to size, one call at a time
   * @throws CancellationException if the calling thread is interrupted
   */
  public static ScanReport scan(ImageSource source, int threads, IntConsumer progress) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; accepted: 1 or more");
    }
    ImageScan scan = new ImageScan(source, progress);
    ExecutorService pool = Executors.newFixedThreadPool(threads, ImageScan::thread);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        workers.add(pool.submit(scan::work));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw rethrow(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while scanning images");
    } finally {
      scan.stopped.set(true);
      pool.shutdown();
    }
    return scan.report();
  }

  private void work() {
    int id;
    while (!stopped.get() && (id = next.getAndIncrement()) < reasons.length) {
      try {
        source.read(id);
      } catch (UnreadableImageException e) {
        reasons[id] = e.getMessage();
      } catch (RuntimeException | Error e) {
        stopped.set(true);
        throw e;
      }
      synchronized (this) {
        progress.accept(++done);
      }
    }
  }

  private ScanReport report() {
    List<ScanReport.Unreadable> unreadable = new ArrayList<>();
    for (int id = 0; id < reasons.length; id++) {
      if (reasons[id] != null) {
        unreadable.add(new ScanReport.Unreadable(id, source.name(id), reasons[id]));
      }
    }
    int[] readable = new int[reasons.length - unreadable.size()];
    int at = 0;
    for (int id = 0; id < reasons.length; id++) {
      if (reasons[id] == null) {
        readable[at++] = id;
      }
    }
    return new ScanReport(readable, unreadable);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dc4j-scan");
    thread.setDaemon(true);
    return thread;
  }

  private static RuntimeException rethrow(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return (RuntimeException) cause; // work() declares no checked exception
  }
}
