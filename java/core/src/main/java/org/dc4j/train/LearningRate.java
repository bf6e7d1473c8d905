package org.dc4j.train;

import org.dc4j.config.TrainingPlan.OptimizerPlan;

/**
 * A learning rate, the encoder's or its head's, by the share of training done: a linear warm-up,
 * then constant, half a cosine, or steps.
 */
final class LearningRate {
  private final OptimizerPlan plan;
  private final int epochs;

  LearningRate(OptimizerPlan plan, int epochs) {
    this.plan = plan;
    this.epochs = epochs;
  }

  /**
   * The rate of a step.
   *
   * @param epoch from 0
   * @param batch of the epoch, from 0
   * @param batches of the epoch, at least 1
   */
  double at(int epoch, int batch, int batches) {
    double done = epoch + (double) batch / batches;
    double warmup = plan.warmupEpochs();
    if (done < warmup) {
      double low = plan.warmupFactor();
      return plan.learningRate() * (low + (1 - low) * done / warmup);
    }
    return plan.learningRate()
        * switch (plan.decay()) {
          case "cosine" -> cosine((done - warmup) / Math.max(1, epochs - warmup));
          case "step" -> Math.pow(plan.decayFactor(), epoch / plan.decayEpochs());
          default -> 1;
        };
  }

  private double cosine(double share) {
    double end = plan.decayFactor();
    return end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));
  }
}
