package org.dc4j.encoder.torch;

import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.OptimizerSpec;

/** Makes encoders on libtorch: the one place that knows which backbone is which network. */
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
   * @throws IllegalArgumentException for sizes the backbone cannot take
   */
  public static Encoder create(EncoderSpec spec, OptimizerSpec optimizer, long seed, int threads) {
    if (spec.channels() < 1 || spec.height() < 1 || spec.width() < 1 || spec.embedding() < 1) {
      throw new IllegalArgumentException(spec + ": every size must be >= 1");
    }
    return switch (spec.backbone()) {
      case COMPACT -> {
        CompactNet.check(spec);
        yield new TorchEncoder(spec, optimizer, seed, threads, CompactNet::new);
      }
      case RESNET18 -> new TorchEncoder(spec, optimizer, seed, threads, ResNet18::new);
      case ALEXNET_BN -> {
        AlexNetBn.check(spec);
        yield new TorchEncoder(spec, optimizer, seed, threads, AlexNetBn::new);
      }
    };
  }
}
