package org.dc4j.method;

import java.util.List;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.TrainingPlan;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.config.TrainingPlan.OptimizerPlan;

/** What methods demand of a plan before they start, with the same words for all. */
final class PlanDemands {
  private PlanDemands() {}

  /** The plan's k-means section, which must be there and fit the images. */
  static ClusteringPlan clustering(MethodContext run) {
    ClusteringPlan clustering = run.plan().clustering();
    require(clustering != null, run.plan(), "clustering");
    if (clustering.k() > run.images()) {
      throw new IllegalArgumentException(
          "clustering.k is %d but the data set has %d readable images; accepted: 2..%d"
              .formatted(clustering.k(), run.images(), run.images()));
    }
    requireWhitening("clustering.whiten", clustering.whiten(), run.images());
    return clustering;
  }

  /** The optimiser of the classifier, which must be there. */
  static OptimizerPlan headOptimizer(MethodContext run) {
    require(run.plan().headOptimizer() != null, run.plan(), "headOptimizer");
    return run.plan().headOptimizer();
  }

  /** Whitening needs more images than columns. */
  static void requireWhitening(String key, int width, int images) {
    if (width >= images) {
      throw new IllegalArgumentException(
          "%s is %d but the data set has %d readable images; accepted: 0..%d"
              .formatted(key, width, images, images - 1));
    }
  }

  /** Clusters must lie where the network's own embeddings do. */
  static void requireNoWhitening(MethodContext run) {
    int width = run.plan().clustering().whiten();
    if (width != 0) {
      throw new IllegalArgumentException(
          "clustering.whiten is %d; method %s compares embeddings with its clusters as they are, it accepts: 0"
              .formatted(width, run.plan().method()));
    }
  }

  /** An option's range; NaN is outside. */
  static void range(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new InvalidPlanException(
          "options.%s is %s; accepted: %s..%s"
              .formatted(option, text(value), text(least), text(most)));
    }
  }

  /** An option that is one of some words. */
  static void oneOf(String option, String value, String... accepted) {
    if (!List.of(accepted).contains(value)) {
      throw new InvalidPlanException(
          "options.%s is '%s'; accepted: %s".formatted(option, value, String.join(", ", accepted)));
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** Embeddings must be of unit length. */
  static void requireNormalized(MethodContext run) {
    if (!run.plan().encoder().normalize()) {
      throw new IllegalArgumentException(
          "encoder.normalize is false; method %s accepts: true".formatted(run.plan().method()));
    }
  }

  /** The neck must be the method's own. */
  static void requireNeck(MethodContext run, String neck) {
    if (!run.plan().encoder().neck().equals(neck)) {
      throw new IllegalArgumentException(
          "encoder.neck is '%s'; method %s accepts: %s"
              .formatted(run.plan().encoder().neck(), run.plan().method(), neck));
    }
  }

  /** How many images an epoch draws where the plan's share decides; at least one batch. */
  static int samples(MethodContext run) {
    int samples = (int) Math.floor(run.plan().schedule().reassign() * run.images());
    int batch = run.plan().schedule().batchSize();
    if (batch > samples) {
      throw new IllegalArgumentException(
          "schedule.batchSize is %d but an epoch draws %d images; accepted: 2..%d"
              .formatted(batch, samples, samples));
    }
    return samples;
  }

  private static void require(boolean there, TrainingPlan plan, String section) {
    if (!there) {
      throw new IllegalArgumentException(
          "%s is null; method %s needs this section".formatted(section, plan.method()));
    }
  }
}
