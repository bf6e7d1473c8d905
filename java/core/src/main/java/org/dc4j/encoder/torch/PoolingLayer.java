package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.Pooling;

/** From a feature map [b x C x h x w] to one row of features per image. */
@FunctionalInterface
interface PoolingLayer {
  /** Rows of features. */
  Tensor forward(Tensor map);

  /** Means over a grid of {@code side} x {@code side} cells: rows of C side^2 values. */
  static PoolingLayer of(Pooling pooling, long side, ParameterSet set) {
    return switch (pooling) {
      case AVERAGE -> map -> torch.adaptive_avg_pool2d(map, side, side).flatten(1, -1);
      case GEM -> new GeneralizedMean(set, side);
    };
  }
}
