package org.dc4j.data.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageSource;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.data.view.ViewPlan.Crop;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.kernels.ImageViews.View;

/**
 * Decodes images and renders their views into batches ahead of the consumer, on worker threads of
 * its own, while training computes; an image is decoded once for all its crops. Batches come in the
 * order asked for and their bytes do not depend on threads. One thread consumes at a time; close
 * stops the workers and frees the batches not handed over yet.
 */
public final class BatchLoader implements AutoCloseable {
  // Images that a worker decodes before it renders them with one kernel call; fewer if large, so
  // that decoded pixels stay a small part of memory.
  private static final int PART_IMAGES = 16;
  private static final long PART_BYTES = 32L << 20;

  /**
   * How to load.
   *
   * @param batchSize images per batch, >= 1
   * @param prefetch batches prepared ahead of the one that the consumer holds, >= 1
   * @param workers threads that decode and render, >= 1
   * @param dropLast leave out a last batch that is not full
   */
  public record Options(int batchSize, int prefetch, int workers, boolean dropLast) {
    public Options {
      requirePositive("batchSize", batchSize);
      requirePositive("prefetch", prefetch);
      requirePositive("workers", workers);
    }

    private static void requirePositive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " is " + value + "; accepted: 1 or more");
      }
    }
  }

  private final ImageSource source;
  private final ImageViews.Format format;
  private final Options options;
  private final ExecutorService workers;
  private final BlockingQueue<BatchRenderer> renderers; // as many as workers: taking never waits
  private Batches current;
  private boolean closed;

  /**
   * A loader that renders on the CPU.
   *
   * @param format of the batches; crops beside the first may have another size
   */
  public BatchLoader(ImageSource source, ImageViews.Format format, Options options) {
    this(source, format, options, () -> new ViewRenderer("cpu", PART_IMAGES, format));
  }

  BatchLoader(
      ImageSource source,
      ImageViews.Format format,
      Options options,
      Supplier<BatchRenderer> renderer) {
    this.source = source;
    this.format = format;
    this.options = options;
    this.renderers = new ArrayBlockingQueue<>(options.workers());
    try {
      for (int i = 0; i < options.workers(); i++) {
        renderers.add(renderer.get());
      }
    } catch (RuntimeException e) {
      renderers.forEach(BatchRenderer::close);
      throw e;
    }
    this.workers = Executors.newFixedThreadPool(options.workers(), BatchLoader::thread);
  }

  /**
   * Starts loading. Ends the iteration before, whose undelivered batches are freed.
   *
   * @param order image ids in the order of use, each as often as wanted
   * @param views of each image: the crop of the loader's format, then the plan's further ones
   * @return batches in order, each to be closed by the caller. {@code next} throws what the source
   *     threw, naming the image, or CancellationException if the thread is interrupted; after that
   *     there are no more batches
   * @throws IllegalArgumentException for an id that the source does not have
   */
  public Iterator<ImageBatch> batches(int[] order, ViewPlan views) {
    if (closed) {
      throw new IllegalStateException("batch loader used after close");
    }
    for (int i = 0; i < order.length; i++) {
      if (order[i] < 0 || order[i] >= source.size()) {
        throw new IllegalArgumentException(
            "order[%d] is %d; accepted: 0..%d".formatted(i, order[i], source.size() - 1));
      }
    }
    if (current != null) {
      current.stop();
    }
    current = new Batches(order.clone(), views);
    return current;
  }

  /** Number of batches for that many images. */
  public int batchCount(int images) {
    int full = images / options.batchSize();
    return options.dropLast() || images % options.batchSize() == 0 ? full : full + 1;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (current != null) {
      current.stop();
    }
    workers.shutdown();
    // Every job has been waited for, so no worker holds a renderer.
    renderers.forEach(BatchRenderer::close);
  }

  private final class Batches implements Iterator<ImageBatch> {
    private final int[] order;
    private final List<Crop> crops = new ArrayList<>();
    private final long[] rowFloats;
    private final int count;
    private final ArrayDeque<BatchJob> started = new ArrayDeque<>();
    private int startedCount;
    private boolean stopped;

    Batches(int[] order, ViewPlan views) {
      this.order = order;
      crops.add(new Crop(views, format.height(), format.width()));
      crops.addAll(views.furtherCrops());
      this.rowFloats =
          crops.stream()
              .mapToLong(crop -> format.ofSize(crop.height(), crop.width()).size())
              .toArray();
      this.count = batchCount(order.length);
      try {
        startUpTo(options.prefetch());
      } catch (RuntimeException | Error e) {
        stop();
        throw e;
      }
    }

    @Override
    public boolean hasNext() {
      return !started.isEmpty();
    }

    @Override
    public ImageBatch next() {
      if (stopped && closed) {
        throw new IllegalStateException("batch loader used after close");
      }
      if (!hasNext()) {
        throw new NoSuchElementException("no more batches");
      }
      try {
        startUpTo(options.prefetch() + 1);
        ImageBatch batch = started.peek().take();
        started.remove();
        return batch;
      } catch (InterruptedException e) {
        stop();
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while waiting for images");
      } catch (RuntimeException | Error e) {
        stop();
        throw e;
      }
    }

    private void startUpTo(int jobs) {
      while (started.size() < jobs && startedCount < count) {
        int from = startedCount * options.batchSize();
        int to = (int) Math.min(order.length, (long) from + options.batchSize());
        start(Arrays.copyOfRange(order, from, to));
        startedCount++;
      }
    }

    private void start(int[] ids) {
      int parts = (ids.length + PART_IMAGES - 1) / PART_IMAGES;
      BatchJob job = new BatchJob(ids, rowFloats, parts);
      started.add(job);
      for (int part = 0; part < parts; part++) {
        int from = part * PART_IMAGES;
        int to = Math.min(ids.length, from + PART_IMAGES);
        workers.execute(() -> run(job, from, to, crops));
      }
    }

    private void stop() {
      stopped = true;
      for (BatchJob job : started) {
        job.cancel();
      }
      started.forEach(BatchJob::discard);
      started.clear();
    }
  }

  /** A worker's task: rows [from, to) of a batch. */
  private void run(BatchJob job, int from, int to, List<Crop> crops) {
    BatchRenderer renderer = renderers.remove();
    int row = from;
    try {
      while (row < to && !job.isCancelled()) {
        row = renderSome(renderer, job, row, to, crops);
      }
    } catch (RowFailure e) {
      job.fail(e.row, e.getCause());
    } catch (RuntimeException | Error e) {
      job.fail(row, e);
    } finally {
      renderers.add(renderer);
      job.partDone();
    }
  }

  private int renderSome(BatchRenderer renderer, BatchJob job, int from, int to, List<Crop> crops) {
    List<Image> images = new ArrayList<>(to - from);
    List<List<View>> views = new ArrayList<>();
    crops.forEach(crop -> views.add(new ArrayList<>(to - from)));
    long bytes = 0;
    int row = from;
    while (row < to && bytes < PART_BYTES && !job.isCancelled()) {
      int id = job.ids()[row];
      try {
        Image image = source.read(id);
        images.add(image);
        for (int c = 0; c < crops.size(); c++) {
          views.get(c).add(crops.get(c).views().view(id, image.height(), image.width()));
        }
        bytes += image.pixels().length;
      } catch (RuntimeException e) {
        throw new RowFailure(row, named(e, id));
      }
      row++;
    }
    renderer.stage(images);
    for (int c = 0; c < crops.size(); c++) {
      Crop crop = crops.get(c);
      try (FloatMatrix rows = job.rows(c, from, images.size())) {
        renderer.render(views.get(c), crop.height(), crop.width(), rows);
      }
    }
    return row;
  }

  private RuntimeException named(RuntimeException problem, int id) {
    return problem instanceof UnreadableImageException
        ? problem
        : new DataException(
            "image %s (id %d): %s".formatted(source.name(id), id, problem.getMessage()), problem);
  }

  private static final class RowFailure extends RuntimeException {
    private final int row;

    RowFailure(int row, RuntimeException cause) {
      super(cause);
      this.row = row;
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dc4j-batches");
    thread.setDaemon(true);
    return thread;
  }
}
