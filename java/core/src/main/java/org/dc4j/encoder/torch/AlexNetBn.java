package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.Pooling;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Linear;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * AlexNet with batch normalisation as in DeepCluster (Caron et al. 2018), with its names: five
 * convolutions with bias, three 3x3 stride 2 max pools. At 224 pixels the first window is 11x11
 * stride 4 and the maps are 55, 27, 13, 6; below 128 pixels it is 5x5 stride 2, so that 64 pixels
 * still leave a 3x3 map. The map is flattened, not pooled, so all images must have the spec's size.
 * Its linear neck is the paper's classifier less the last layer: Dropout, Linear, ReLU, Dropout,
 * Linear (both of the embedding's width, 4096 in the paper).
 */
final class AlexNetBn implements Trunk {
  private static final int[] CHANNELS = {96, 256, 384, 384, 256};
  private static final int[] POSITIONS = {0, 4, 8, 11, 14};
  private static final Window SECOND = new Window(5, 1, 2);
  private static final Window LATER = new Window(3, 1, 1);
  private static final Window POOL = new Window(3, 2, 0);
  private static final int MINIMUM = 64;
  private static final double DROPOUT = 0.5;
  private static final double LINEAR_DEVIATION = 0.01;

  private final Conv2d[] convolutions = new Conv2d[CHANNELS.length];
  private final BatchNorm[] norms = new BatchNorm[CHANNELS.length];
  private final long mapHeight;
  private final long mapWidth;

  AlexNetBn(EncoderSpec spec, ParameterSet set) {
    BatchNorm.Rule rule = BatchNorm.Rule.of(spec);
    long in = spec.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      Window window = i == 0 ? first(spec) : i == 1 ? SECOND : LATER;
      String name = "features." + POSITIONS[i];
      convolutions[i] = new Conv2d(set, name, in, CHANNELS[i], window, true);
      norms[i] = new BatchNorm(set, "features." + (POSITIONS[i] + 1), CHANNELS[i], rule);
      in = CHANNELS[i];
    }
    Window first = first(spec);
    mapHeight = maps(first, spec.height())[3];
    mapWidth = maps(first, spec.width())[3];
  }

  /** Throws IllegalArgumentException if the images are too small. */
  static void check(EncoderSpec spec) {
    if (Math.min(spec.height(), spec.width()) < MINIMUM) {
      throw new IllegalArgumentException(
          "backbone alexnet-bn needs images of at least %d x %d pixels, not %d x %d"
              .formatted(MINIMUM, MINIMUM, spec.height(), spec.width()));
    }
  }

  /** Kernel, stride and padding of the first convolution. */
  static Window first(EncoderSpec spec) {
    boolean large = Math.min(spec.height(), spec.width()) >= 128;
    return large ? new Window(11, 4, 2) : new Window(5, 2, 2);
  }

  /** Length of the map after the first convolution and after each of the three pools. */
  static long[] maps(Window first, long size) {
    long conv = first.output(size);
    long pool1 = POOL.output(conv);
    long pool2 = POOL.output(pool1);
    return new long[] {conv, pool1, pool2, POOL.output(pool2)};
  }

  @Override
  public Tensor map(Tensor images, boolean training) {
    Tensor x = images;
    for (int i = 0; i < CHANNELS.length; i++) {
      x = convolutions[i].forward(x);
      x = norms[i].forward(i == 0 ? Layers.channelsLast(x) : x, training);
      // Max and ReLU commute; after the pool there is less to clip.
      x = i == 0 || i == 1 || i == 4 ? Layers.maxPool(x, POOL).relu_() : x.relu_();
    }
    return x;
  }

  @Override
  public long features() {
    return CHANNELS[CHANNELS.length - 1] * mapHeight * mapWidth;
  }

  @Override
  public PoolingLayer pooling(EncoderSpec spec, ParameterSet set) {
    if (spec.pooling() != Pooling.AVERAGE) {
      throw new IllegalArgumentException(
          "backbone alexnet-bn flattens its last map and pools nothing: pooling '%s'; accepted: average"
              .formatted(spec.pooling().label()));
    }
    return map -> {
      if (map.size(2) != mapHeight || map.size(3) != mapWidth) {
        throw new IllegalArgumentException(
            "backbone alexnet-bn flattens its last map, so it takes images of %d x %d pixels only"
                .formatted(spec.height(), spec.width()));
      }
      return map.flatten(1, -1);
    };
  }

  @Override
  public NeckLayer linear(EncoderSpec spec, ParameterSet set) {
    int width = spec.embedding();
    Linear hidden = new Linear(set, "classifier.1", features(), width, LINEAR_DEVIATION);
    Linear last = new Linear(set, "classifier.4", width, width, LINEAR_DEVIATION);
    return (features, training) -> {
      Tensor x = torch.dropout(features, DROPOUT, training);
      x = torch.dropout(hidden.forward(x).relu_(), DROPOUT, training);
      return last.forward(x);
    };
  }
}
