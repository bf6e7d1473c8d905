package org.dc4j.encoder.torch;

import static org.dc4j.encoder.torch.Layers.maxPool;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.BatchNorm2d;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Linear;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * A small network for 28-32 pixel images that trains on a CPU: conv 3x3 32, 32, max pool 2, 64, 64,
 * max pool 2, 128, each with batch normalisation and ReLU, average pool to 3x3, Linear(1152,
 * embedding). The pools run before the ReLU they follow: max and ReLU commute, and a quarter of the
 * values is left to clip.
 */
final class CompactNet implements Network {
  private static final int[] CHANNELS = {32, 32, 64, 64, 128};
  // Positions that the equivalent torch.nn.Sequential gives convolution i; its norm is one later.
  private static final int[] POSITIONS = {0, 3, 7, 10, 14};
  private static final long MAP = 3;
  private static final int MINIMUM = 12;

  private final Conv2d[] convolutions = new Conv2d[CHANNELS.length];
  private final BatchNorm2d[] norms = new BatchNorm2d[CHANNELS.length];
  private final Linear embedding;

  CompactNet(EncoderSpec spec, ParameterSet set) {
    long in = spec.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      String name = "features." + POSITIONS[i];
      convolutions[i] = new Conv2d(set, name, in, CHANNELS[i], new Window(3, 1, 1), false);
      norms[i] = new BatchNorm2d(set, "features." + (POSITIONS[i] + 1), CHANNELS[i]);
      in = CHANNELS[i];
    }
    long pooled = in * MAP * MAP;
    embedding = new Linear(set, "fc", pooled, spec.embedding(), Linear.kaiming(pooled));
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
  public Tensor embedding(Tensor images, boolean training) {
    Window pool = new Window(2, 2, 0);
    Tensor x = images;
    for (int i = 0; i < CHANNELS.length; i++) {
      x = convolutions[i].forward(x);
      x = norms[i].forward(i == 0 ? Layers.channelsLast(x) : x, training);
      x = i == 1 || i == 3 ? maxPool(x, pool).relu_() : x.relu_();
    }
    x = torch.adaptive_avg_pool2d(x, MAP, MAP);
    return embedding.forward(x.flatten(1, -1));
  }
}
