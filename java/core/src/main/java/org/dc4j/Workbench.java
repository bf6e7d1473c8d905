package org.dc4j;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.dc4j.config.TrainingPlan;
import org.dc4j.config.TrainingPlan.EncoderPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageSource;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.view.EvaluationViews;
import org.dc4j.data.view.MultiCropViews;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.Neck;
import org.dc4j.encoder.Pooling;
import org.dc4j.encoder.torch.TorchEncoders;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.kernels.Kernels;
import org.dc4j.method.OptimizerSpecs;
import org.dc4j.random.Seeds;
import org.dc4j.train.EmbeddingPass;
import org.dc4j.train.Progress;
import org.dc4j.train.StopSignal;

/** The tools of a plan, opened and owned together: device context and encoder. */
final class Workbench implements AutoCloseable {
  private static final int PREFETCH = 4;

  private final TrainingPlan plan;
  private final Seeds seeds;
  private final DeviceContext context;
  private final Encoder encoder;

  private Workbench(TrainingPlan plan, DeviceContext context, Encoder encoder) {
    this.plan = plan;
    this.seeds = new Seeds(plan.seed());
    this.context = context;
    this.encoder = encoder;
  }

  /** Opens the context and an encoder with fresh weights. */
  static Workbench open(TrainingPlan plan) {
    DeviceContext context = DeviceContext.open(plan.device(), plan.threads());
    try {
      long seed = new Seeds(plan.seed()).key("weights");
      Encoder encoder =
          TorchEncoders.create(
              spec(plan), OptimizerSpecs.of(plan.optimizer()), seed, context.threads());
      return new Workbench(plan, context, encoder);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /**
   * Takes over the weights of a file; says what it lacked or had too much, empty if nothing.
   *
   * @throws DataException naming the file, if they do not fit
   */
  String startFrom(Path file) {
    try {
      return encoder.startFrom(TrainedModel.encoderWeights(file)).text();
    } catch (IllegalArgumentException e) {
      throw new DataException("weights " + file + ": " + e.getMessage(), e);
    }
  }

  /** Batches of a data set in the plan's format; the caller closes it. */
  BatchLoader loader(ImageSource images, boolean dropLast) {
    BatchLoader.Options options =
        new BatchLoader.Options(plan.schedule().batchSize(), PREFETCH, context.threads(), dropLast);
    return new BatchLoader(images, format(plan.image()), options);
  }

  /** A forward pass over a data set; the caller closes it. */
  EmbeddingPass embedding(ImageSource images, Progress progress, StopSignal stop) {
    return new EmbeddingPass(
        context.kernels(),
        encoder,
        images,
        loader(images, false),
        new EvaluationViews(plan.image()),
        seeds,
        progress,
        stop);
  }

  /** Embeddings of a data set by the encoder as it is; the caller closes them. */
  FloatMatrix embeddings(ImageSource images) {
    try (EmbeddingPass pass = embedding(images, Progress.NONE, new StopSignal())) {
      return pass.embeddings();
    }
  }

  /** The evaluation views of a data set as rows [n x (C*H*W)]; the caller closes them. */
  static FloatMatrix pixels(TrainingPlan plan, ImageSource images) {
    int[] order = IntStream.range(0, images.size()).toArray();
    BatchLoader.Options options =
        new BatchLoader.Options(plan.schedule().batchSize(), PREFETCH, 1, false);
    ImageViews.Format format = format(plan.image());
    FloatMatrix rows = FloatMatrix.allocate(images.size(), format.size());
    try (BatchLoader loader = new BatchLoader(images, format, options)) {
      Iterator<ImageBatch> batches = loader.batches(order, new EvaluationViews(plan.image()));
      while (batches.hasNext()) {
        try (ImageBatch batch = batches.next()) {
          rows.scatterRows(batch.ids(), batch.pixels());
        }
      }
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  static EncoderSpec spec(TrainingPlan plan) {
    ImagePlan image = plan.image();
    EncoderPlan encoder = plan.encoder();
    return new EncoderSpec(
        Backbone.of(encoder.backbone()),
        image.sobel() ? 2 : image.channels(),
        image.height(),
        image.width(),
        encoder.embedding(),
        Pooling.of(encoder.pooling()),
        Neck.of(encoder.neck()),
        encoder.hidden(),
        encoder.dropout(),
        encoder.normalize(),
        encoder.normGroup(),
        encoder.freezeNorm(),
        encoder.normMomentum());
  }

  static ImageViews.Format format(ImagePlan image) {
    return new ImageViews.Format(
        image.height(),
        image.width(),
        image.channels(),
        image.sobel(),
        image.mean(),
        image.deviation(),
        image.mean()); // the fill of erased rectangles is not normalised (methods.md 3.4)
  }

  /** All crops of the plan. */
  ViewPlan trainingViews(int epoch) {
    return new MultiCropViews(plan.image(), plan.augmentation(), seeds, epoch);
  }

  TrainingPlan plan() {
    return plan;
  }

  DeviceContext device() {
    return context;
  }

  Kernels kernels() {
    return context.kernels();
  }

  Encoder encoder() {
    return encoder;
  }

  @Override
  public void close() {
    encoder.close();
    context.close();
  }
}
