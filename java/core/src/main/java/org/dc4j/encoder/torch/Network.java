package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;

/**
 * A backbone up to its embedding. The tensors belong to the {@link ParameterSet} it was built on.
 */
@FunctionalInterface
interface Network {
  /**
   * The embedding before its ReLU.
   *
   * @param images [b x C x H x W]
   * @param training batch statistics and dropout on
   * @return [b x embedding]
   */
  Tensor embedding(Tensor images, boolean training);
}
