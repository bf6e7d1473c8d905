package org.dc4j.encoder.torch;

import static org.dc4j.encoder.torch.Layers.maxPool;

import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Linear;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * A small network for 28-32 pixel images that trains on a CPU: conv 3x3 32, 32, max pool 2, 64, 64,
 * max pool 2, 128, each with batch normalisation and ReLU. The pools run before the ReLU they
 * follow: max and ReLU commute, and a quarter of the values is left to clip. Pooling, plain or
 * generalised, is over the cells of a 3x3 grid: 1152 features. Its linear neck is "fc".
 */
final class CompactNet implements Trunk {
  private static final int[] CHANNELS = {32, 32, 64, 64, 128};
  // Positions that the equivalent torch.nn.Sequential gives convolution i; its norm is one later.
  private static final int[] POSITIONS = {0, 3, 7, 10, 14};
  private static final long MAP = 3;
  private static final int MINIMUM = 12;

  private final Conv2d[] convolutions = new Conv2d[CHANNELS.length];
  private final BatchNorm[] norms = new BatchNorm[CHANNELS.length];

  CompactNet(EncoderSpec spec, ParameterSet set) {
    BatchNorm.Rule rule = BatchNorm.Rule.of(spec);
    long in = spec.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      String name = "features." + POSITIONS[i];
      convolutions[i] = new Conv2d(set, name, in, CHANNELS[i], new Window(3, 1, 1), false);
      norms[i] = new BatchNorm(set, "features." + (POSITIONS[i] + 1), CHANNELS[i], rule);
      in = CHANNELS[i];
    }
  }

  /** Throws IllegalArgumentException if the images are too small for two pools and a 3x3 map. */
  static void check(EncoderSpec spec) {
    if (Math.min(spec.height(), spec.width()) < MINIMUM) {
      throw new IllegalArgumentException(
          "backbone compact needs images of at least %d x %d pixels, not %d x %d"
              .formatted(MINIMUM, MINIMUM, spec.height(), spec.width()));
    }
  }

  @Override
  public Tensor map(Tensor images, boolean training) {
    Window pool = new Window(2, 2, 0);
    Tensor x = images;
    for (int i = 0; i < CHANNELS.length; i++) {
      x = convolutions[i].forward(x);
      x = norms[i].forward(i == 0 ? Layers.channelsLast(x) : x, training);
      x = i == 1 || i == 3 ? maxPool(x, pool).relu_() : x.relu_();
    }
    return x;
  }

  @Override
  public long features() {
    return CHANNELS[CHANNELS.length - 1] * MAP * MAP;
  }

  @Override
  public PoolingLayer pooling(EncoderSpec spec, ParameterSet set) {
    return PoolingLayer.of(spec.pooling(), MAP, set);
  }

  @Override
  public NeckLayer linear(EncoderSpec spec, ParameterSet set) {
    Linear layer = new Linear(set, "fc", features(), spec.embedding(), Linear.kaiming(features()));
    return (x, training) -> layer.forward(x);
  }
}
