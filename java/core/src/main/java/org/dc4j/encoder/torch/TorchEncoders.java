package org.dc4j.encoder.torch;

import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.OptimizerSpec;

/** Makes encoders on libtorch. */
public final class TorchEncoders {
  private TorchEncoders() {}

  /**
   * A new encoder with freshly drawn weights; the caller closes it. The same arguments give the
   * same bytes, then and through training, as long as one thread at a time runs forward passes in
   * this process: libtorch has one generator, which each pass seeds anew.
   *
   * @param optimizer how {@link Encoder#step} updates the weights
   * @param seed root of the initial weights
   * @param threads libtorch's threads in every call of this encoder, at least 1
   * @throws IllegalArgumentException for sizes the backbone cannot take, or a pooling or neck that
   *     does not fit it
   */
  public static Encoder create(EncoderSpec spec, OptimizerSpec optimizer, long seed, int threads) {
    if (spec.channels() < 1 || spec.height() < 1 || spec.width() < 1 || spec.embedding() < 1) {
      throw new IllegalArgumentException(spec + ": every size must be >= 1");
    }
    checkNeckAndNorm(spec);
    switch (spec.backbone()) {
      case COMPACT -> CompactNet.check(spec);
      case ALEXNET_BN -> AlexNetBn.check(spec);
      case GOOGLENET -> GoogLeNet.check(spec);
      case RESNET18, RESNET50, RESNET50_REID -> {} // any size
    }
    return new TorchEncoder(spec, optimizer, seed, threads);
  }

  private static void checkNeckAndNorm(EncoderSpec spec) {
    String neck = spec.neck().label();
    if (spec.neck().hides() && spec.hidden() < 1) {
      throw new IllegalArgumentException(
          "neck %s has a hidden layer: its width must be >= 1, not %d"
              .formatted(neck, spec.hidden()));
    }
    if (!spec.neck().hides() && spec.hidden() != 0) {
      throw new IllegalArgumentException(
          "neck %s has no hidden layer: its width must be 0, not %d"
              .formatted(neck, spec.hidden()));
    }
    if (spec.normGroup() < 0 || spec.normGroup() == 1) {
      throw new IllegalArgumentException(
          "norm group %d; accepted: 0 (the whole batch), 2 and more".formatted(spec.normGroup()));
    }
  }
}
