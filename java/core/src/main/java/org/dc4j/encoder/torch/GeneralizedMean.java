package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** mean(max(x, 1e-6)^p)^(1/p) per cell; p is "gap.p" [1], trained. */
final class GeneralizedMean implements PoolingLayer {
  private static final double POWER = 3;
  private static final double LEAST = 1e-6;

  private final Tensor power;
  private final long side;

  GeneralizedMean(ParameterSet set, long side) {
    this.power = set.constant("gap.p", POWER, 1);
    this.side = side;
  }

  @Override
  public Tensor forward(Tensor map) {
    Tensor powers = map.clamp_min(new Scalar(LEAST)).pow(power);
    Tensor means = torch.adaptive_avg_pool2d(powers, side, side);
    // From p = 7.5 on a channel that is dead everywhere would give a mean of 0, whose root has no
    // derivative.
    means = means.clamp_min(new Scalar(Float.MIN_NORMAL));
    return means.pow(power.reciprocal()).flatten(1, -1);
  }
}
