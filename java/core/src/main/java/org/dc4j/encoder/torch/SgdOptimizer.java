package org.dc4j.encoder.torch;

import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.OptimizerSpec;

/** g += wd w; v = m v + g; w -= lr v (Sutskever et al. 2013 as in PyTorch, no dampening). */
final class SgdOptimizer extends ParameterOptimizer {
  private static final String BUFFER = "momentum_buffer.";
  private final double momentum;
  private final double weightDecay;

  SgdOptimizer(OptimizerSpec spec, Map<String, Tensor> parameters, Predicate<String> isNeck) {
    super(spec, parameters, isNeck);
    this.momentum = spec.momentum();
    this.weightDecay = spec.weightDecay();
  }

  @Override
  void newMoments() {
    if (momentum != 0) {
      newMoment(BUFFER);
    }
  }

  @Override
  void beginStep() {}

  @Override
  void update(String name, Tensor parameter, Tensor gradient) {
    Tensor direction = gradient;
    if (weightDecay != 0) {
      direction = gradient.add_(parameter, new Scalar(weightDecay));
    }
    if (momentum != 0) {
      direction = moment(BUFFER + name).mul_(new Scalar(momentum)).add_(direction);
    }
    parameter.add_(direction, new Scalar(-learningRate(name)));
  }
}
