package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** The trainable layers the backbones are made of; their tensors live in a {@link ParameterSet}. */
final class Layers {
  private Layers() {}

  /** Square kernel, same stride and zero padding on both axes. */
  record Window(long kernel, long stride, long padding) {
    /** Output length for an input of {@code size}. */
    long output(long size) {
      return (size + 2 * padding - kernel) / stride + 1;
    }
  }

  // oneDNN 3.7.1, the one in libtorch 2.10, lays channels out in blocks of 16 (or 8) and leaves
  // what
  // it will in the rest of a last, partial block: a 3x3 convolution of 24 channels is then wrong by
  // a fifth for batches of two images and more, and so are the gradients if 24 come out. Channels
  // innermost have no blocks. Inputs of up to four channels have a kernel of their own.
  private static final int BLOCK = 16;
  private static final int IMAGE_CHANNELS = 4;

  /** y = weight * x (+ bias), cross-correlation. */
  static final class Conv2d {
    private final Tensor weight;
    private final TensorOptional bias;
    // A strided 1x1 convolution sees every stride-th pixel only. They are picked first: libtorch's
    // own backward of it divides by zero, and ends the process, on maps of a few pixels.
    private final long samples;
    private final long[] stride;
    private final long[] padding;
    private final boolean partial;

    /** Weight N(0, sqrt(2 / (kh kw out))): Kaiming fan-out, as DeepCluster and torchvision. */
    Conv2d(ParameterSet set, String name, long in, long out, Window window, boolean bias) {
      long kernel = window.kernel();
      double deviation = Math.sqrt(2.0 / (kernel * kernel * out));
      this.weight = set.normal(name + ".weight", deviation, out, in, kernel, kernel);
      this.bias = bias ? set.optional(set.constant(name + ".bias", 0, out)) : set.none();
      samples = kernel == 1 && window.padding() == 0 ? window.stride() : 1;
      long step = samples > 1 ? 1 : window.stride();
      this.stride = new long[] {step, step};
      this.padding = new long[] {window.padding(), window.padding()};
      partial = (in > IMAGE_CHANNELS && in % BLOCK != 0) || out % BLOCK != 0;
    }

    Tensor forward(Tensor x) {
      if (partial) {
        x = channelsLast(x);
      }
      if (samples > 1) {
        x = every(every(x, 2), 3);
      }
      return torch.conv2d(x, weight, bias, stride, padding, new long[] {1, 1}, 1);
    }

    private Tensor every(Tensor x, long axis) {
      return x.slice(axis, new LongOptional(0), new LongOptional(x.size(axis)), samples);
    }
  }

  /** y = x weight^T + bias, bias 0 at first. */
  static final class Linear {
    private final Tensor weight;
    private final TensorOptional bias;

    Linear(ParameterSet set, String name, long in, long out, double deviation) {
      String prefix = name.isEmpty() ? "" : name + ".";
      this.weight = set.normal(prefix + "weight", deviation, out, in);
      this.bias = set.optional(set.constant(prefix + "bias", 0, out));
    }

    /** Kaiming fan-in for a layer of {@code in} inputs that a ReLU follows. */
    static double kaiming(long in) {
      return Math.sqrt(2.0 / in);
    }

    Tensor forward(Tensor x) {
      return torch.linear(x, weight, bias);
    }
  }

  /**
   * The same values with channels innermost in memory, which all later layers keep: the small-image
   * network then trains a fifth faster on a CPU. For the first convolution's output, not for the
   * images: with one channel the two orders look alike and libtorch falls back to the slow one.
   */
  static Tensor channelsLast(Tensor x) {
    return x.contiguous(MemoryFormat.ChannelsLast);
  }

  static Tensor maxPool(Tensor x, Window window) {
    return maxPool(x, window, false);
  }

  /** The output has the windows that start inside the input, the last one cut off if need be. */
  static Tensor maxPoolCeil(Tensor x, Window window) {
    return maxPool(x, window, true);
  }

  private static Tensor maxPool(Tensor x, Window window, boolean ceil) {
    return torch.max_pool2d(
        x,
        new long[] {window.kernel(), window.kernel()},
        new long[] {window.stride(), window.stride()},
        new long[] {window.padding(), window.padding()},
        new long[] {1, 1},
        ceil);
  }
}
