package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.OptimizerSpec;

/** g += wd w; v = m v + g; w -= lr v (Sutskever et al. 2013 as in PyTorch, no dampening). */
final class SgdRule implements UpdateRule {
  private static final String BUFFER = "momentum_buffer.";
  private final double momentum;
  private final double weightDecay;

  SgdRule(OptimizerSpec spec) {
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
    Tensor direction = gradient;
    if (weightDecay != 0) {
      direction = gradient.add_(parameter, new Scalar(weightDecay));
    }
    if (momentum != 0) {
      direction = optimizer.moment(BUFFER + name).mul_(new Scalar(momentum)).add_(direction);
    }
    parameter.add_(direction, new Scalar(-optimizer.learningRate(name)));
  }
}
