package org.dc4j.encoder;

/**
 * An optimiser and its constants; weight decay is coupled L2 for both.
 *
 * @param kind SGD or Adam
 * @param learningRate step size
 * @param momentum SGD momentum (also Adam's beta1)
 * @param weightDecay L2 coefficient added to the gradient
 */
public record OptimizerSpec(Kind kind, double learningRate, double momentum, double weightDecay) {
  /** Which rule. */
  public enum Kind {
    SGD,
    ADAM
  }

  public static OptimizerSpec sgd(double learningRate, double momentum, double weightDecay) {
    return new OptimizerSpec(Kind.SGD, learningRate, momentum, weightDecay);
  }

  public static OptimizerSpec adam(double learningRate, double weightDecay) {
    return new OptimizerSpec(Kind.ADAM, learningRate, 0.9, weightDecay);
  }
}
