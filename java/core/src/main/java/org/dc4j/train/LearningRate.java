package org.dc4j.train;

import org.dc4j.config.TrainingPlan;

/**
 * The encoder's learning rate by global step: constant, or half a cosine from its start value to 0.
 */
final class LearningRate {
  private final double start;
  private final boolean cosine;
  private final long steps;

  private LearningRate(double start, boolean cosine, long steps) {
    this.start = start;
    this.cosine = cosine;
    this.steps = steps;
  }

  static LearningRate of(TrainingPlan plan, int images) {
    long perEpoch =
        (long) Math.floor(plan.schedule().reassign() * images) / plan.schedule().batchSize();
    return new LearningRate(
        plan.optimizer().learningRate(),
        plan.optimizer().decay().equals("cosine"),
        Math.max(1, perEpoch * plan.schedule().epochs()));
  }

  double at(long step) {
    return cosine ? start * 0.5 * (1 + Math.cos(Math.PI * Math.min(step, steps) / steps)) : start;
  }
}
