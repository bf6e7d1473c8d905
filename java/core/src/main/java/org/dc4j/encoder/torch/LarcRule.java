package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.OptimizerSpec;

/**
 * SGD with momentum and layer-wise clipped rates (You, Gitman and Ginsburg 2017, the clipping form
 * of NVIDIA Apex): with r = 0.001 |w| / (|g| + wd |w| + 1e-8), each parameter's gradient becomes
 * min(r / lr, 1) (g + wd w), so that its rate is the smaller of r and lr; then v = m v + g, w -= lr
 * v. A parameter that is zero, or whose gradient is, takes part without rate and weight decay.
 */
final class LarcRule implements UpdateRule {
  private static final String BUFFER = "momentum_buffer.";
  private static final double TRUST = 0.001;
  private static final double EPSILON = 1e-8;
  private final double momentum;
  private final double weightDecay;

  LarcRule(OptimizerSpec spec) {
    this.momentum = spec.momentum();
    this.weightDecay = spec.weightDecay();
  }

  @Override
  public void makeMoments(ParameterOptimizer optimizer) {
    if (momentum != 0) {
      optimizer.newMoment(BUFFER);
    }
  }

  @Override
  public void update(ParameterOptimizer optimizer, String name, Tensor parameter, Tensor gradient) {
    double rate = optimizer.learningRate(name);
    double weight = parameter.norm().item_float();
    double slope = gradient.norm().item_float();
    if (weight != 0 && slope != 0) {
      double trusted = TRUST * weight / (slope + weightDecay * weight + EPSILON);
      // Compared before the division: a rate of 0 leaves the gradient as it is.
      double share = trusted < rate ? trusted / rate : 1;
      gradient.add_(parameter, new Scalar(weightDecay)).mul_(new Scalar(share));
    }
    Tensor direction = gradient;
    if (momentum != 0) {
      direction = optimizer.moment(BUFFER + name).mul_(new Scalar(momentum)).add_(gradient);
    }
    parameter.add_(direction, new Scalar(-rate));
  }
}
