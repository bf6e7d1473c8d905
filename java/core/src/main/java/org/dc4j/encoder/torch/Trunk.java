package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.EncoderSpec;

/**
 * A backbone up to its last feature map, and what it does with the map unless a spec says
 * otherwise. The tensors belong to the {@link ParameterSet} it was built on.
 */
interface Trunk {
  /**
   * The last feature map, its ReLU done.
   *
   * @param images [b x C x H x W]
   * @param training batch statistics on
   * @return [b x channels x h x w]
   */
  Tensor map(Tensor images, boolean training);

  /** Width of a row of features: of the pooled map. */
  long features();

  /**
   * From the map to rows of {@link #features()}.
   *
   * @throws IllegalArgumentException for a pooling this backbone does not have
   */
  default PoolingLayer pooling(EncoderSpec spec, ParameterSet set) {
    return PoolingLayer.of(spec.pooling(), 1, set);
  }

  /** The neck called "linear": from rows of features to embeddings. */
  default NeckLayer linear(EncoderSpec spec, ParameterSet set) {
    return NeckLayer.linear(set, "neck.fc", features(), spec.embedding());
  }
}
