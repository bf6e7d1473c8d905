package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.OptimizerSpec;

/** Kingma and Ba 2015 with beta2 0.999, epsilon 1e-8 and bias correction; g += wd w. */
final class AdamRule implements UpdateRule {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";
  private static final String STEP = "step";
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private final double beta1;
  private final double weightDecay;

  AdamRule(OptimizerSpec spec) {
    this.beta1 = spec.momentum();
    this.weightDecay = spec.weightDecay();
  }

  @Override
  public void makeMoments(ParameterOptimizer optimizer) {
    optimizer.newCounter(STEP);
    optimizer.newMoment(FIRST);
    optimizer.newMoment(SECOND);
  }

  @Override
  public void beginStep(ParameterOptimizer optimizer) {
    optimizer.moment(STEP).add_(new Scalar(1L));
  }

  @Override
  public void update(ParameterOptimizer optimizer, String name, Tensor parameter, Tensor gradient) {
    if (weightDecay != 0) {
      gradient.add_(parameter, new Scalar(weightDecay));
    }
    long step = optimizer.moment(STEP).item_long();
    Tensor first = optimizer.moment(FIRST + name);
    Tensor second = optimizer.moment(SECOND + name);
    first.mul_(new Scalar(beta1)).add_(gradient, new Scalar(1 - beta1));
    second.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = 1 - Math.pow(BETA2, step);
    Tensor scale = second.sqrt().div_(new Scalar(Math.sqrt(correction2)));
    scale.add_(new Scalar(EPSILON));
    parameter.addcdiv_(first, scale, new Scalar(-optimizer.learningRate(name) / correction1));
  }
}
