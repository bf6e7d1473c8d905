package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.EncoderSpec;

/** Trunk, pooling, neck and, if asked for, division by the length. */
final class EncoderNetwork implements Network {
  // Shorter rows have no direction to speak of, and the gradient of x / |x| would overflow.
  private static final double NO_LENGTH = 1e-12;

  private final Trunk trunk;
  private final PoolingLayer pooling;
  private final NeckLayer neck;
  private final boolean normalize;

  EncoderNetwork(EncoderSpec spec, ParameterSet set) {
    trunk = trunk(spec, set);
    set.begin(ParameterSet.Part.POOLING);
    pooling = trunk.pooling(spec, set);
    set.begin(ParameterSet.Part.NECK);
    neck = NeckLayer.of(spec, trunk, set);
    normalize = spec.normalize();
  }

  private static Trunk trunk(EncoderSpec spec, ParameterSet set) {
    return switch (spec.backbone()) {
      case COMPACT -> new CompactNet(spec, set);
      case RESNET18 -> ResNet.of18(spec, set);
      case RESNET50 -> ResNet.of50(spec, 2, set);
      case RESNET50_REID -> ResNet.of50(spec, 1, set);
      case ALEXNET_BN -> new AlexNetBn(spec, set);
      case GOOGLENET -> new GoogLeNet(spec, set);
    };
  }

  @Override
  public Tensor embedding(Tensor images, boolean training) {
    Tensor features = pooling.forward(trunk.map(images, training));
    Tensor embedding = neck.forward(features, training);
    return normalize ? unit(embedding) : embedding;
  }

  /** Rows divided by their lengths; a zero row stays zero and passes no gradient. */
  static Tensor unit(Tensor rows) {
    Tensor lengths = rows.norm(new ScalarOptional(new Scalar(2.0)), new long[] {1}, true);
    Tensor none = lengths.le(new Scalar(NO_LENGTH));
    return rows.div(lengths.masked_fill(none, new Scalar(Double.POSITIVE_INFINITY)));
  }
}
