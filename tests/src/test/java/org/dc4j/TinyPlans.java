package org.dc4j;

import java.nio.file.Path;
import java.util.Map;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;

/** A plan for every method that trains on {@link TinyPictures} in seconds. */
public final class TinyPlans {
  private TinyPlans() {}

  /**
   * The plan of a method of {@code Methods.names()}; a new method gets a line here.
   *
   * @param folder of the pictures
   */
  public static TrainingPlan of(String method, Path folder, int epochs) {
    return switch (method) {
      case "deepcluster" -> TinyPictures.plan(folder, epochs);
      case "deepcluster-v2" -> crops(kMeans("deepcluster-v2-small", folder, epochs));
      case "odc" -> online(kMeans("odc-small", folder, epochs));
      case "pic" -> pic(TinyPictures.plan(folder, epochs));
      case "ratio" -> ratio(kMeans("ratio-small", folder, epochs));
      case "cluster-contrast", "ise", "spcl" -> identities(method + "-small", folder, epochs);
      default -> throw new IllegalArgumentException("no tiny plan for method " + method);
    };
  }

  /** Eight clusters, ten batches of 16 an epoch. */
  private static TrainingPlan kMeans(String preset, Path folder, int epochs) {
    return with(
        PlanFiles.preset(preset),
        Map.ofEntries(
            Map.entry("data", "idx:" + folder),
            Map.entry("threads", "2"),
            Map.entry("image.height", "16"),
            Map.entry("image.width", "16"),
            Map.entry("encoder.embedding", "16"),
            Map.entry("clustering.k", "8"),
            Map.entry("evaluation.whiten", "8"),
            Map.entry("schedule.batchSize", "16"),
            Map.entry("schedule.epochs", Integer.toString(epochs))));
  }

  /** Two whole views and two of 8 pixels; three heads on two banks. */
  private static TrainingPlan crops(TrainingPlan plan) {
    return with(plan, Map.of("encoder.hidden", "32", "augmentation.localCrops.size", "8"));
  }

  /** Small classes and centroids that move inside an epoch. */
  private static TrainingPlan online(TrainingPlan plan) {
    return with(
        plan,
        Map.of(
            "encoder.hidden", "32",
            "encoder.normWarmup", "32",
            "options.smallest", "5",
            "options.centroidSteps", "4"));
  }

  /** Centres of unit length that live for two epochs. */
  private static TrainingPlan ratio(TrainingPlan plan) {
    return with(
        plan,
        Map.of(
            "encoder.normWarmup", "32",
            "options.unitCentres", "true",
            "clustering.everyEpochs", "2"));
  }

  private static TrainingPlan pic(TrainingPlan kMeans) {
    return with(
        kMeans,
        Map.of(
            "method", "pic",
            "clustering", "null",
            "options.whiten", "8",
            "options.eigenvalueFloor", "1e-6",
            "options.everyEpochs", "1",
            "options.neighbours", "5",
            "options.sigma", "0.2",
            "options.alpha", "0.001",
            "options.iterations", "50"));
  }

  /** Two clusters of four images a batch, ten batches an epoch. */
  private static TrainingPlan identities(String preset, Path folder, int epochs) {
    return with(
        PlanFiles.preset(preset),
        Map.ofEntries(
            Map.entry("data", "idx:" + folder),
            Map.entry("threads", "2"),
            Map.entry("image.height", "16"),
            Map.entry("image.width", "16"),
            Map.entry("encoder.embedding", "16"),
            Map.entry("optimizer.learningRate", "1e-4"),
            Map.entry("schedule.batchSize", "8"),
            Map.entry("schedule.epochs", Integer.toString(epochs)),
            Map.entry("options.k1", "10"),
            Map.entry("options.k2", "3"),
            Map.entry("options.iterations", "10"),
            Map.entry("options.cameras", "false")));
  }

  private static TrainingPlan with(TrainingPlan plan, Map<String, String> settings) {
    TrainingPlan changed = plan;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      changed = PlanFiles.with(changed, setting.getKey(), setting.getValue());
    }
    return changed;
  }
}
