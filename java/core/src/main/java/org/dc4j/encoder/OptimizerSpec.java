package org.dc4j.encoder;

/**
 * An optimiser and its constants; weight decay is coupled L2 for all.
 *
 * @param kind SGD, Adam or LARC
 * @param learningRate step size
 * @param momentum SGD's and LARC's momentum (also Adam's beta1)
 * @param weightDecay L2 coefficient added to the gradient
 * @param neckFactor an encoder's neck learns at this multiple of the learning rate; nothing else
 *     does
 */
public record OptimizerSpec(
    Kind kind, double learningRate, double momentum, double weightDecay, double neckFactor) {
  /** Which rule. */
  public enum Kind {
    SGD,
    ADAM,
    /** SGD with layer-wise clipped rates (You et al. 2017), trust coefficient 0.001. */
    LARC
  }

  /** One learning rate for all. */
  public OptimizerSpec(Kind kind, double learningRate, double momentum, double weightDecay) {
    this(kind, learningRate, momentum, weightDecay, 1);
  }

  public static OptimizerSpec sgd(double learningRate, double momentum, double weightDecay) {
    return new OptimizerSpec(Kind.SGD, learningRate, momentum, weightDecay);
  }

  public static OptimizerSpec adam(double learningRate, double weightDecay) {
    return new OptimizerSpec(Kind.ADAM, learningRate, 0.9, weightDecay);
  }

  public static OptimizerSpec larc(double learningRate, double momentum, double weightDecay) {
    return new OptimizerSpec(Kind.LARC, learningRate, momentum, weightDecay);
  }

  /** The same with another rate for the neck. */
  public OptimizerSpec withNeckFactor(double factor) {
    return new OptimizerSpec(kind, learningRate, momentum, weightDecay, factor);
  }
}
