package org.dc4j.method;

import org.dc4j.config.TrainingPlan.OptimizerPlan;
import org.dc4j.encoder.OptimizerSpec;

/** From the plan's words to an optimiser's constants. */
public final class OptimizerSpecs {
  private OptimizerSpecs() {}

  public static OptimizerSpec of(OptimizerPlan plan) {
    double rate = plan.learningRate();
    OptimizerSpec spec =
        switch (plan.kind()) {
          case "adam" -> OptimizerSpec.adam(rate, plan.weightDecay());
          case "larc" -> OptimizerSpec.larc(rate, plan.momentum(), plan.weightDecay());
          case "sgd" -> OptimizerSpec.sgd(rate, plan.momentum(), plan.weightDecay());
          default ->
              throw new IllegalArgumentException(
                  "optimizer kind '" + plan.kind() + "'; accepted: sgd, adam, larc");
        };
    return spec.withNeckFactor(plan.neckFactor());
  }
}
