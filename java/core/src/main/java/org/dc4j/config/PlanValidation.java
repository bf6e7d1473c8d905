package org.dc4j.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.config.TrainingPlan.EncoderPlan;
import org.dc4j.config.TrainingPlan.EvaluationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.config.TrainingPlan.LocalCropsPlan;
import org.dc4j.config.TrainingPlan.OptimizerPlan;
import org.dc4j.config.TrainingPlan.SchedulePlan;

/**
 * The range of every field of a plan. Which methods, data sets and backbones exist is known to
 * those who make them; here their names only have to be there.
 */
public final class PlanValidation {
  private static final int MAX = Integer.MAX_VALUE;

  private final List<String> problems = new ArrayList<>();

  private PlanValidation() {}

  /**
   * Returns {@code plan} if every field is in range.
   *
   * @throws InvalidPlanException with all problems
   */
  public static TrainingPlan validate(TrainingPlan plan) {
    PlanValidation check = new PlanValidation();
    check.run(plan);
    check.image(plan.image());
    check.augmentation(plan.augmentation());
    check.window(plan.image(), plan.augmentation());
    check.encoder(plan.encoder());
    check.optimizer("optimizer", plan.optimizer());
    if (plan.headOptimizer() != null) {
      check.optimizer("headOptimizer", plan.headOptimizer());
    }
    if (plan.clustering() != null) {
      check.clustering(plan.clustering(), plan.encoder().embedding());
    }
    check.schedule(plan.schedule());
    check.evaluation(plan.evaluation(), plan.encoder().embedding());
    if (!check.problems.isEmpty()) {
      throw new InvalidPlanException(check.problems);
    }
    return plan;
  }

  private void run(TrainingPlan plan) {
    matches("method", plan.method(), "[a-z0-9-]+", "a method's name, for example deepcluster");
    matches("data", plan.data(), "[a-z0-9-]+:.+", "name:path[?split=train]");
    range("threads", plan.threads(), 0, 1024);
    matches("device", plan.device(), "auto|cpu|reference|cuda(:[0-9]+)?", "auto, cpu, cuda[:i]");
  }

  private void image(ImagePlan image) {
    range("image.height", image.height(), 1, 4096);
    range("image.width", image.width(), 1, 4096);
    if (image.channels() != 1 && image.channels() != 3) {
      refuse("image.channels", image.channels(), "1, 3");
    }
    int side = Math.max(image.height(), image.width());
    if (image.resize() != 0 && (image.resize() < side || image.resize() > 16384)) {
      refuse("image.resize", image.resize(), "0, " + side + "..16384");
    }
    matches("image.fit", image.fit(), "cover|stretch|stretch-crop", "cover, stretch, stretch-crop");
    if ("stretch".equals(image.fit()) && image.resize() != 0) {
      refuse("image.resize", image.resize(), "0 with image.fit stretch");
    }
    if ("stretch-crop".equals(image.fit()) && image.resize() == 0) {
      refuse("image.resize", 0, side + "..16384 with image.fit stretch-crop");
    }
    perChannel("image.mean", image.mean(), image.channels(), -Float.MAX_VALUE, "finite numbers");
    perChannel(
        "image.deviation", image.deviation(), image.channels(), Float.MIN_NORMAL, "numbers > 0");
  }

  private void perChannel(String key, float[] values, int channels, float least, String accepted) {
    boolean fine = values.length == channels;
    for (float value : values) {
      fine &= value >= least && value <= Float.MAX_VALUE;
    }
    if (!fine) {
      refuse(key, Arrays.toString(values), channels + " (image.channels) " + accepted);
    }
  }

  private void augmentation(AugmentationPlan views) {
    positive("augmentation.minScale", views.minScale(), 1);
    range("augmentation.maxScale", views.maxScale(), views.minScale(), 1);
    positive("augmentation.minRatio", views.minRatio(), 100);
    range("augmentation.maxRatio", views.maxRatio(), views.minRatio(), 100);
    range("augmentation.flip", views.flip(), 0, 1);
    range("augmentation.rotation", views.rotation(), 0, 180);
    range("augmentation.brightness", views.brightness(), 0, 1);
    range("augmentation.contrast", views.contrast(), 0, 1);
    range("augmentation.saturation", views.saturation(), 0, 1);
    range("augmentation.hue", views.hue(), 0, 0.5);
    range("augmentation.jitter", views.jitter(), 0, 1);
    range("augmentation.grey", views.grey(), 0, 1);
    range("augmentation.blur", views.blur(), 0, 1);
    range("augmentation.pad", views.pad(), 0, 4096);
    boolean cropped = views.minScale() != 1 || views.maxScale() != 1 || views.minRatio() != 1;
    if (views.pad() > 0 && (cropped || views.maxRatio() != 1)) {
      refuse("augmentation.pad", views.pad(), "0 with a random crop; minScale..maxRatio must be 1");
    }
    range("augmentation.erase", views.erase(), 0, 1);
    range("augmentation.crops", views.crops(), 1, 64);
    if (views.localCrops() != null) {
      if (views.pad() > 0) {
        refuse("augmentation.pad", views.pad(), "0 with localCrops");
      }
      localCrops(views.localCrops());
    }
  }

  /** A window of the stretched image is the random crop. */
  private void window(ImagePlan image, AugmentationPlan views) {
    if (!"stretch-crop".equals(image.fit())) {
      return;
    }
    boolean whole = views.minScale() == 1 && views.minRatio() == 1 && views.maxRatio() == 1;
    if (!whole) {
      refuse(
          "image.fit",
          "'stretch-crop'",
          "cover, stretch with a random crop; minScale..maxRatio must be 1");
    }
    if (views.localCrops() != null) {
      refuse("image.fit", "'stretch-crop'", "cover, stretch with localCrops");
    }
  }

  private void localCrops(LocalCropsPlan crops) {
    range("augmentation.localCrops.count", crops.count(), 1, 64);
    range("augmentation.localCrops.size", crops.size(), 1, 4096);
    positive("augmentation.localCrops.minScale", crops.minScale(), 1);
    range("augmentation.localCrops.maxScale", crops.maxScale(), crops.minScale(), 1);
  }

  private void encoder(EncoderPlan encoder) {
    matches("encoder.backbone", encoder.backbone(), ".+", "a backbone's name");
    range("encoder.embedding", encoder.embedding(), 1, 65536);
    if (encoder.weights() != null) {
      matches("encoder.weights", encoder.weights(), ".+", "a file, or null for random weights");
    }
    matches("encoder.pooling", encoder.pooling(), "average|gem", "average, gem");
    matches(
        "encoder.neck",
        encoder.neck(),
        "linear|none|mlp|odc|batchnorm",
        "linear, none, mlp, odc, batchnorm");
    boolean hides = "mlp".equals(encoder.neck()) || "odc".equals(encoder.neck());
    range("encoder.hidden", encoder.hidden(), hides ? 1 : 0, hides ? 65536 : 0);
    below("encoder.dropout", encoder.dropout(), 1);
    if (encoder.dropout() != 0 && !"odc".equals(encoder.neck())) {
      refuse("encoder.dropout", encoder.dropout(), "0 with another neck than odc");
    }
    range("encoder.normGroup", encoder.normGroup(), 0, 1 << 20);
    if (encoder.normGroup() == 1) {
      refuse("encoder.normGroup", 1, "0 (the whole batch), 2.." + (1 << 20));
    }
    range("encoder.normMomentum", encoder.normMomentum(), 0, 1);
    range("encoder.normWarmup", encoder.normWarmup(), 0, MAX);
  }

  private void optimizer(String section, OptimizerPlan optimizer) {
    matches(section + ".kind", optimizer.kind(), "sgd|adam|larc", "sgd, adam, larc");
    positive(section + ".learningRate", optimizer.learningRate(), 1000);
    below(section + ".momentum", optimizer.momentum(), 1);
    range(section + ".weightDecay", optimizer.weightDecay(), 0, 1);
    String decay = optimizer.decay();
    matches(section + ".decay", decay, "constant|cosine|step", "constant, cosine, step");
    int least = "step".equals(decay) ? 1 : 0;
    range(section + ".decayEpochs", optimizer.decayEpochs(), least, least * MAX);
    range(section + ".decayFactor", optimizer.decayFactor(), 0, 1);
    range(section + ".warmupEpochs", optimizer.warmupEpochs(), 0, MAX);
    range(section + ".warmupFactor", optimizer.warmupFactor(), 0, 1);
    positive(section + ".neckFactor", optimizer.neckFactor(), 1e6);
  }

  private void clustering(ClusteringPlan clustering, int embedding) {
    range("clustering.k", clustering.k(), 2, MAX);
    range("clustering.iterations", clustering.iterations(), 1, MAX);
    matches("clustering.init", clustering.init(), "random|kmeans\\+\\+", "random, kmeans++");
    whiten("clustering.whiten", clustering.whiten(), embedding);
    below("clustering.eigenvalueFloor", clustering.eigenvalueFloor(), 1);
    matches("clustering.empty", clustering.empty(), "faiss|farthest|keep", "faiss, farthest, keep");
    range("clustering.everyEpochs", clustering.everyEpochs(), 1, MAX);
  }

  private void schedule(SchedulePlan schedule) {
    range("schedule.epochs", schedule.epochs(), 1, MAX);
    // Batch normalisation has no variance to divide by in a batch of one.
    range("schedule.batchSize", schedule.batchSize(), 2, 1 << 20);
    positive("schedule.reassign", schedule.reassign(), 100);
    range("schedule.checkpointSteps", schedule.checkpointSteps(), 0, MAX);
  }

  private void evaluation(EvaluationPlan evaluation, int embedding) {
    range("evaluation.neighbours", evaluation.neighbours(), 1, MAX);
    positive("evaluation.temperature", evaluation.temperature(), 1000);
    whiten("evaluation.whiten", evaluation.whiten(), embedding);
    range("evaluation.everyEpochs", evaluation.everyEpochs(), 0, MAX);
    if (evaluation.selectOn() != null) {
      matches(
          "evaluation.selectOn",
          evaluation.selectOn(),
          "[a-z0-9-]+:.+",
          "name:path[?split=...] of a labelled data set, or null for the last epoch");
    }
  }

  private void whiten(String key, int width, int embedding) {
    if (width < 0 || width > embedding) {
      refuse(key, width, "0 (none), 1.." + embedding + " (encoder.embedding)");
    }
  }

  private void range(String key, int value, int least, int most) {
    if (value < least || value > most) {
      refuse(key, value, least + ".." + most);
    }
  }

  // The conditions are written so that NaN fails them.
  private void range(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      refuse(key, value, text(least) + ".." + text(most));
    }
  }

  private void positive(String key, double value, double most) {
    if (!(value > 0 && value <= most)) {
      refuse(key, value, "above 0, up to " + text(most));
    }
  }

  private void below(String key, double value, double limit) {
    if (!(value >= 0 && value < limit)) {
      refuse(key, value, "0 up to but below " + text(limit));
    }
  }

  private void matches(String key, String value, String pattern, String accepted) {
    if (value == null) {
      problems.add(key + " is missing; accepted: " + accepted);
    } else if (!value.matches(pattern)) {
      refuse(key, "'" + value + "'", accepted);
    }
  }

  private void refuse(String key, Object value, String accepted) {
    problems.add("%s is %s; accepted: %s".formatted(key, value, accepted));
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
