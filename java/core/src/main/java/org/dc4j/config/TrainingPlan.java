package org.dc4j.config;

import java.util.Arrays;
import java.util.Objects;

/**
 * Everything a training run depends on; written into the run folder as plan.yaml. Defaults come
 * from a preset (presets/&lt;name&gt;.yaml), then a user's file, then flags; the result is
 * validated once and never changes.
 *
 * @param method algorithm, for example "deepcluster"
 * @param data data set, "name:path[?split=train]"; null in a preset, which leaves it to the user
 * @param seed root of all randomness
 * @param threads compute threads, 0 = all cores; part of the plan because it fixes the bytes of
 *     training
 * @param device "auto", "cpu" or "cuda[:i]"
 */
public record TrainingPlan(
    String method,
    String data,
    long seed,
    int threads,
    String device,
    ImagePlan image,
    AugmentationPlan augmentation,
    EncoderPlan encoder,
    OptimizerPlan optimizer,
    OptimizerPlan headOptimizer,
    ClusteringPlan clustering,
    SchedulePlan schedule,
    EvaluationPlan evaluation) {

  /**
   * What the network sees.
   *
   * @param height, width input size in pixels
   * @param channels 1 or 3, before Sobel
   * @param sobel fixed Sobel front end: 2 input channels (methods.md 1.1)
   * @param resize short side in pixels before the centre crop of evaluation views; 0 = the input
   *     size
   * @param mean, deviation normalisation per channel of pixels in 0..1; copied in and out, so that
   *     a plan never changes
   */
  public record ImagePlan(
      int height,
      int width,
      int channels,
      boolean sobel,
      int resize,
      float[] mean,
      float[] deviation) {
    public ImagePlan {
      mean = mean.clone();
      deviation = deviation.clone();
    }

    @Override
    public float[] mean() {
      return mean.clone();
    }

    @Override
    public float[] deviation() {
      return deviation.clone();
    }

    // A record compares arrays by identity; a plan read back must equal the plan written.
    @Override
    public boolean equals(Object other) {
      return other instanceof ImagePlan that
          && height == that.height
          && width == that.width
          && channels == that.channels
          && sobel == that.sobel
          && resize == that.resize
          && Arrays.equals(mean, that.mean)
          && Arrays.equals(deviation, that.deviation);
    }

    @Override
    public int hashCode() {
      return Objects.hash(
          height,
          width,
          channels,
          sobel,
          resize,
          Arrays.hashCode(mean),
          Arrays.hashCode(deviation));
    }

    @Override
    public String toString() {
      return "ImagePlan[height=%d, width=%d, channels=%d, sobel=%s, resize=%d, mean=%s, deviation=%s]"
          .formatted(
              height,
              width,
              channels,
              sobel,
              resize,
              Arrays.toString(mean),
              Arrays.toString(deviation));
    }
  }

  /**
   * Random views for training; each value's neutral setting turns its step off.
   *
   * @param minScale, maxScale area share of the random crop
   * @param minRatio, maxRatio aspect ratio of the random crop
   * @param flip probability of a mirror
   * @param rotation largest rotation in degrees, either way
   * @param brightness, contrast, saturation factors are uniform in 1 - v .. 1 + v
   * @param hue shift is uniform in -v .. v turns
   * @param grey probability of losing colour
   */
  public record AugmentationPlan(
      double minScale,
      double maxScale,
      double minRatio,
      double maxRatio,
      double flip,
      double rotation,
      double brightness,
      double contrast,
      double saturation,
      double hue,
      double grey) {}

  /**
   * The network.
   *
   * @param backbone "compact", "resnet18", "alexnet-bn"
   * @param embedding width of an embedding
   * @param weights file to start from, or null for random weights
   */
  public record EncoderPlan(String backbone, int embedding, String weights) {}

  /**
   * An optimiser.
   *
   * @param kind "sgd" or "adam"
   * @param decay "constant" or "cosine" (to 0 over all steps)
   */
  public record OptimizerPlan(
      String kind, double learningRate, double momentum, double weightDecay, String decay) {}

  /**
   * How features become pseudo labels.
   *
   * @param k clusters asked for
   * @param iterations Lloyd iterations
   * @param init "random" or "kmeans++"
   * @param whiten width after PCA-whitening, 0 = none
   * @param eigenvalueFloor smallest eigenvalue kept, as a share of the largest
   * @param empty "faiss", "farthest" or "keep"
   * @param everyEpochs epochs between clusterings
   */
  public record ClusteringPlan(
      int k,
      int iterations,
      String init,
      int whiten,
      double eigenvalueFloor,
      String empty,
      int everyEpochs) {}

  /**
   * How long and in what portions.
   *
   * @param epochs passes
   * @param batchSize images per step
   * @param reassign images drawn per epoch as a share of the data set (DeepCluster's N' = reassign
   *     N)
   * @param checkpointSteps steps between checkpoints inside an epoch, 0 = at epoch ends only
   */
  public record SchedulePlan(int epochs, int batchSize, double reassign, int checkpointSteps) {}

  /**
   * Evaluation after training (labels, if the data set has them, serve scoring only).
   *
   * @param neighbours k of the k-NN vote
   * @param temperature weight of a neighbour is exp(similarity / temperature)
   * @param whiten width of the whitening before evaluation, 0 = none
   * @param everyEpochs epochs between evaluations during training, 0 = only at the end
   */
  public record EvaluationPlan(int neighbours, double temperature, int whiten, int everyEpochs) {}
}
