package org.dc4j.train;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiConsumer;
import org.dc4j.cluster.Spectrum;
import org.dc4j.cluster.StreamingWhitening;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageSource;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.encoder.Encoder;
import org.dc4j.eval.ClusterHealth;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.method.Features;
import org.dc4j.random.Seeds;

/**
 * One forward pass in evaluation mode over a data set: image source, deterministic view, encoder,
 * rows. Rows stream to whoever takes them, by image id. Close it.
 */
public final class EmbeddingPass implements Features, AutoCloseable {
  private final Kernels kernels;
  private final Encoder encoder;
  private final ImageSource images;
  private final BatchLoader loader;
  private final ViewPlan views;
  private final Seeds seeds;
  private final Progress progress;
  private final StopSignal stop;

  // Of the passes since they were last asked for.
  private double seconds;
  private double[] eigenvalues;

  /** Borrows kernels and encoder; owns loader, which must serve {@code images}. */
  public EmbeddingPass(
      Kernels kernels,
      Encoder encoder,
      ImageSource images,
      BatchLoader loader,
      ViewPlan views,
      Seeds seeds,
      Progress progress,
      StopSignal stop) {
    this.kernels = kernels;
    this.encoder = encoder;
    this.images = images;
    this.loader = loader;
    this.views = views;
    this.seeds = seeds;
    this.progress = progress;
    this.stop = stop;
  }

  /** Number of images. */
  public int size() {
    return images.size();
  }

  /** Hands the network's own embeddings [b x embedding] to {@code sink}, in data-set order. */
  public void inOrder(BiConsumer<int[], FloatMatrix> sink) {
    int[] order = new int[images.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    stream(order, sink);
  }

  /** The network's own embeddings [n x embedding] in data-set order; the caller closes them. */
  public FloatMatrix embeddings() {
    FloatMatrix out = FloatMatrix.allocate(images.size(), encoder.spec().embedding());
    try {
      inOrder(out::scatterRows);
      return out;
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
  }

  @Override
  public Table table(int epoch, int whiten, double eigenvalueFloor) {
    try (StreamingWhitening whitening =
        new StreamingWhitening(
            kernels, images.size(), encoder.spec().embedding(), whiten, eigenvalueFloor)) {
      // Random order, because the transform is fitted on the rows that come first.
      long started = System.nanoTime();
      stream(seeds.stream("embed", epoch).permutation(images.size()), whitening::add);
      seconds += (System.nanoTime() - started) / 1e9;
      FloatMatrix rows = whitening.finish();
      try {
        eigenvalues = whiten > 0 ? whitening.eigenvalues() : Spectrum.leading(kernels, rows);
      } catch (RuntimeException e) {
        rows.close(); // from finish() on nobody else does
        throw e;
      }
      return new Table(rows, eigenvalues);
    }
  }

  /** What passes took and found. */
  record Figures(double seconds, int eigenvalues) {}

  /**
   * Puts what the passes since the last call took and found: embed_seconds, and the effective rank
   * of the last one's features.
   *
   * @return their seconds, and how many eigenvalues the rank was measured on, 0 = none was
   */
  Figures takeFigures(Map<String, Object> row) {
    Figures taken = new Figures(seconds, eigenvalues == null ? 0 : eigenvalues.length);
    if (eigenvalues != null) {
      row.put("embed_seconds", seconds);
      boolean spread = Arrays.stream(eigenvalues).anyMatch(value -> value > 0);
      row.put("effective_rank", spread ? ClusterHealth.effectiveRank(eigenvalues) : 0.0);
    }
    seconds = 0;
    eigenvalues = null;
    return taken;
  }

  private void stream(int[] order, BiConsumer<int[], FloatMatrix> sink) {
    progress.start("embed", order.length);
    long done = 0;
    Iterator<ImageBatch> batches = loader.batches(order, views);
    while (batches.hasNext()) {
      try (ImageBatch batch = batches.next();
          FloatMatrix rows = FloatMatrix.allocate(batch.size(), encoder.spec().embedding())) {
        encoder.embed(batch.pixels(), rows);
        sink.accept(batch.ids(), rows);
        done += batch.size();
      }
      progress.advance(done);
      if (stop.isRequested()) {
        // The last checkpoint stands before this pass, so nothing but the pass is lost.
        throw new TrainingInterruptedException("stopped while embedding; --resume continues");
      }
    }
    progress.finish();
  }

  @Override
  public void close() {
    loader.close();
  }
}
