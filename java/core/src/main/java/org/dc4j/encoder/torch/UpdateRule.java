package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;

/** How an optimiser moves one parameter; the moments it needs live in the optimiser. */
interface UpdateRule {
  /** Makes the moments that are not there yet. */
  void makeMoments(ParameterOptimizer optimizer);

  /** Once per step, before the updates. */
  default void beginStep(ParameterOptimizer optimizer) {}

  /** Moves {@code parameter}; {@code gradient} may be overwritten. */
  void update(ParameterOptimizer optimizer, String name, Tensor parameter, Tensor gradient);
}
