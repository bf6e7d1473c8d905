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
      case "pic" -> pic(TinyPictures.plan(folder, epochs));
      case "cluster-contrast" -> identities("cluster-contrast-small", folder, epochs);
      default -> throw new IllegalArgumentException("no tiny plan for method " + method);
    };
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
