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
 * @param headOptimizer of the classifier, or null for a method that has none
 * @param clustering k-means family, or null for a method that clusters otherwise
 * @param options the method's own constants
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
    EvaluationPlan evaluation,
    MethodOptions options) {
  public TrainingPlan {
    options = options == null ? MethodOptions.NONE : options;
  }

  /**
   * What the network sees.
   *
   * @param height, width input size in pixels
   * @param channels 1 or 3, before Sobel
   * @param sobel fixed Sobel front end: 2 input channels (methods.md 1.1)
   * @param resize short side in pixels before the centre crop of evaluation views, both sides with
   *     "stretch-crop"; 0 = the input size
   * @param fit how a whole image comes to the input size: "cover" keeps the aspect ratio (bilinear)
   *     and cuts out the centre; "stretch" resizes to height x width (bicubic, methods.md 3.4);
   *     "stretch-crop" resizes to resize x resize (bilinear, methods.md 2.5) and cuts out the
   *     centre, in training a window anywhere
   * @param mean, deviation normalisation per channel of pixels in 0..1; copied in and out, so that
   *     a plan never changes
   */
  public record ImagePlan(
      int height,
      int width,
      int channels,
      boolean sobel,
      int resize,
      String fit,
      float[] mean,
      float[] deviation) {
    public ImagePlan {
      mean = mean.clone();
      deviation = deviation.clone();
    }

    /** Whole images cover the input size. */
    public ImagePlan(
        int height,
        int width,
        int channels,
        boolean sobel,
        int resize,
        float[] mean,
        float[] deviation) {
      this(height, width, channels, sobel, resize, "cover", mean, deviation);
    }

    @Override
    public float[] mean() {
      return mean.clone();
    }

    @Override
    public float[] deviation() {
      return deviation.clone();
    }

    /** The same with another input size, which evaluation views reach without a cut. */
    public ImagePlan ofSize(int newHeight, int newWidth) {
      return new ImagePlan(newHeight, newWidth, channels, sobel, 0, fit, mean, deviation);
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
          && Objects.equals(fit, that.fit)
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
          fit,
          Arrays.hashCode(mean),
          Arrays.hashCode(deviation));
    }

    @Override
    public String toString() {
      return ("ImagePlan[height=%d, width=%d, channels=%d, sobel=%s, resize=%d, fit=%s, mean=%s,"
              + " deviation=%s]")
          .formatted(
              height,
              width,
              channels,
              sobel,
              resize,
              fit,
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
   * @param jitter probability of the changes of brightness, contrast, saturation and hue, all or
   *     none
   * @param grey probability of losing colour
   * @param blur probability of a Gaussian blur of radius 0.1 to 2 pixels
   * @param pad black border in pixels around the resized image before a window of the input size is
   *     cut out at random; only with the crop's settings neutral and without local crops
   * @param erase probability of a random rectangle filled with image.mean, unnormalised although
   *     the pixels around it are normalised (methods.md 3.4)
   * @param crops how many random views of the input size each image gives to a step
   * @param localCrops smaller views beside them, or null for none
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
      double jitter,
      double grey,
      double blur,
      int pad,
      double erase,
      int crops,
      LocalCropsPlan localCrops) {
    /** One crop, always jittered, neither blurred, padded nor erased. */
    public AugmentationPlan(
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
        double grey) {
      this(
          minScale,
          maxScale,
          minRatio,
          maxRatio,
          flip,
          rotation,
          brightness,
          contrast,
          saturation,
          hue,
          1,
          grey,
          0,
          0,
          0,
          1,
          null);
    }

    /** The same with another area share of the random crop. */
    public AugmentationPlan ofScale(double newMinScale, double newMaxScale) {
      return new AugmentationPlan(
          newMinScale,
          newMaxScale,
          minRatio,
          maxRatio,
          flip,
          rotation,
          brightness,
          contrast,
          saturation,
          hue,
          jitter,
          grey,
          blur,
          pad,
          erase,
          crops,
          localCrops);
    }
  }

  /**
   * Small views of a multi-crop method (DeepCluster-v2, methods.md 3.1); all other settings are
   * those of the large ones.
   *
   * @param count per image and step
   * @param size side in pixels
   * @param minScale, maxScale area share of the random crop
   */
  public record LocalCropsPlan(int count, int size, double minScale, double maxScale) {}

  /**
   * The network.
   *
   * @param backbone "compact", "resnet18", "resnet50", "resnet50-reid", "alexnet-bn", "googlenet"
   * @param embedding width of an embedding
   * @param weights file to start from, or null for random weights
   * @param pooling of the last feature map: "average", or "gem" (generalised mean, learnable power)
   * @param neck from pooled features to the embedding: "linear"; "none" (embedding = the feature
   *     width); "mlp" (linear, batch norm, ReLU, linear; DeepCluster-v2); "odc" (linear, batch norm
   *     without affine, ReLU, dropout, linear, ReLU; methods.md 4.4); "batchnorm" (batch norm with
   *     its bias frozen at 0, re-identification's BNNeck)
   * @param hidden width inside the necks "mlp" and "odc"; 0 elsewhere
   * @param dropout share of values dropped in training inside the neck "odc" (published: 0.5); 0
   *     elsewhere
   * @param normalize whether embeddings are L2-normalised, in training and evaluation
   * @param normGroup rows of a batch that share batch statistics (ghost batch norm), 0 = all
   * @param freezeNorm whether batch norm uses its running statistics in training too and leaves
   *     them alone
   * @param normMomentum weight of a batch in batch norm's running statistics; 0 = the layer's own,
   *     0.1 and in ODC's neck 0.001
   * @param normWarmup images whose training views fill the running statistics before the first
   *     epoch, for methods that keep places of the embedding space; 0 = none, the statistics begin
   *     as mean 0 and variance 1 or as those of the given weights
   */
  public record EncoderPlan(
      String backbone,
      int embedding,
      String weights,
      String pooling,
      String neck,
      int hidden,
      double dropout,
      boolean normalize,
      int normGroup,
      boolean freezeNorm,
      double normMomentum,
      int normWarmup) {}

  /**
   * An optimiser.
   *
   * @param kind "sgd", "adam" or "larc" (SGD with layer-wise clipped rates, trust 0.001)
   * @param decay "constant"; "cosine" (half a cosine over all steps, down to decayFactor of the
   *     rate); "step" (times decayFactor every decayEpochs)
   * @param decayEpochs epochs between the steps of "step"; 0 elsewhere
   * @param decayFactor what "step" multiplies by, where "cosine" ends; 0 for "constant"
   * @param warmupEpochs epochs over which the rate rises linearly from warmupFactor of itself
   * @param warmupFactor share of the rate at the first step of the warm-up
   * @param neckFactor the neck's rate as a multiple of the backbone's
   */
  public record OptimizerPlan(
      String kind,
      double learningRate,
      double momentum,
      double weightDecay,
      String decay,
      int decayEpochs,
      double decayFactor,
      int warmupEpochs,
      double warmupFactor,
      double neckFactor) {
    /** A constant rate, or a cosine down to 0; no warm-up. */
    public OptimizerPlan(
        String kind, double learningRate, double momentum, double weightDecay, String decay) {
      this(kind, learningRate, momentum, weightDecay, decay, 0, 0, 0, 0, 1);
    }
  }

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
   * @param selectOn labelled data set whose score after each epoch chooses the weights that are
   *     kept, or null for those of the last epoch. Published figures are often such a choice by the
   *     test set; nothing measured on this set is a test any more.
   */
  public record EvaluationPlan(
      int neighbours, double temperature, int whiten, int everyEpochs, String selectOn) {}
}
