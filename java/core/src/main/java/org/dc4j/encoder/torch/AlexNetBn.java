package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.BatchNorm2d;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Linear;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * AlexNet with batch normalisation as in DeepCluster (Caron et al. 2018), with its names: five
 * convolutions with bias, three 3x3 stride 2 max pools, then Dropout, Linear, ReLU, Dropout, Linear
 * (both of the embedding's width, 4096 in the paper). At 224 pixels the first window is 11x11
 * stride 4 and the maps are 55, 27, 13, 6; below 128 pixels it is 5x5 stride 2, so that 64 pixels
 * still leave a 3x3 map.
 */
final class AlexNetBn implements Network {
  private static final int[] CHANNELS = {96, 256, 384, 384, 256};
  private static final int[] POSITIONS = {0, 4, 8, 11, 14};
  private static final Window SECOND = new Window(5, 1, 2);
  private static final Window LATER = new Window(3, 1, 1);
  private static final Window POOL = new Window(3, 2, 0);
  private static final int MINIMUM = 64;
  private static final double DROPOUT = 0.5;
  private static final double LINEAR_DEVIATION = 0.01;

  private final Conv2d[] convolutions = new Conv2d[CHANNELS.length];
  private final BatchNorm2d[] norms = new BatchNorm2d[CHANNELS.length];
  private final Linear hidden;
  private final Linear embedding;

  AlexNetBn(EncoderSpec spec, ParameterSet set) {
    long in = spec.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      Window window = i == 0 ? first(spec) : i == 1 ? SECOND : LATER;
      String name = "features." + POSITIONS[i];
      convolutions[i] = new Conv2d(set, name, in, CHANNELS[i], window, true);
      norms[i] = new BatchNorm2d(set, "features." + (POSITIONS[i] + 1), CHANNELS[i]);
      in = CHANNELS[i];
    }
    Window first = first(spec);
    long flat = in * maps(first, spec.height())[3] * maps(first, spec.width())[3];
    int width = spec.embedding();
    hidden = new Linear(set, "classifier.1", flat, width, LINEAR_DEVIATION);
    embedding = new Linear(set, "classifier.4", width, width, LINEAR_DEVIATION);
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
  public Tensor embedding(Tensor images, boolean training) {
    Tensor x = images;
    for (int i = 0; i < CHANNELS.length; i++) {
      x = convolutions[i].forward(x);
      x = norms[i].forward(i == 0 ? Layers.channelsLast(x) : x, training);
      // Max and ReLU commute; after the pool there is less to clip.
      x = i == 0 || i == 1 || i == 4 ? Layers.maxPool(x, POOL).relu_() : x.relu_();
    }
    x = torch.dropout(x.flatten(1, -1), DROPOUT, training);
    x = torch.dropout(hidden.forward(x).relu_(), DROPOUT, training);
    return embedding.forward(x);
  }
}
