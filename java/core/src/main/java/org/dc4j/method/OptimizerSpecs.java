package org.dc4j.method;

import org.dc4j.config.TrainingPlan.OptimizerPlan;
import org.dc4j.encoder.OptimizerSpec;

/** From the plan's words to an optimiser's constants. */
public final class OptimizerSpecs {
  private OptimizerSpecs() {}

  public static OptimizerSpec of(OptimizerPlan plan) {
    return plan.kind().equals("adam")
        ? OptimizerSpec.adam(plan.learningRate(), plan.weightDecay())
        : OptimizerSpec.sgd(plan.learningRate(), plan.momentum(), plan.weightDecay());
  }
}
