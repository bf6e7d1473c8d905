package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * GoogLeNet (Szegedy et al. 2015) as torchvision has it and with its names: batch normalisation of
 * epsilon 1e-3, 3x3 in the place of the 5x5 convolutions, pools that keep a window cut off by the
 * border, no auxiliary classifiers. 1024 features; the linear neck is "neck.fc", since "fc" in
 * torchvision's files is a classifier.
 *
 * <p>torchvision's own weights were made for pixels of mean 0.5 and deviation 0.5 in each channel
 * (its transform_input): give the plan those, not ImageNet's.
 */
final class GoogLeNet implements Trunk {
  private static final int MINIMUM = 32;
  private static final double EPSILON = 1e-3;
  private static final Window POINT = new Window(1, 1, 0);
  private static final Window THREE = new Window(3, 1, 1);
  private static final Window HALVE = new Window(3, 2, 0);
  private static final Window HALVE_LAST = new Window(2, 2, 0);

  /** Widths of a block: 1x1; 3x3 reduced, 3x3; "5x5" reduced, "5x5"; after the pool. */
  private record Widths(long one, long reduce3, long three, long reduce5, long five, long pool) {
    long out() {
      return one + three + five + pool;
    }
  }

  private static final String[] NAMES = {"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"};
  private static final Widths[] WIDTHS = {
    new Widths(64, 96, 128, 16, 32, 32),
    new Widths(128, 128, 192, 32, 96, 64),
    new Widths(192, 96, 208, 16, 48, 64),
    new Widths(160, 112, 224, 24, 64, 64),
    new Widths(128, 128, 256, 24, 64, 64),
    new Widths(112, 144, 288, 32, 64, 64),
    new Widths(256, 160, 320, 32, 128, 128),
    new Widths(256, 160, 320, 32, 128, 128),
    new Widths(384, 192, 384, 48, 128, 128),
  };

  private final ParameterSet set;
  private final BatchNorm.Rule rule;
  private final Layer stem;
  private final Layer reduce;
  private final Layer widen;
  private final Inception[] blocks = new Inception[WIDTHS.length];
  private final long features;

  GoogLeNet(EncoderSpec spec, ParameterSet set) {
    this.set = set;
    this.rule = BatchNorm.Rule.of(spec).withEpsilon(EPSILON);
    stem = new Layer("conv1", spec.channels(), 64, new Window(7, 2, 3));
    reduce = new Layer("conv2", 64, 64, POINT);
    widen = new Layer("conv3", 64, 192, THREE);
    long in = 192;
    for (int i = 0; i < WIDTHS.length; i++) {
      blocks[i] = new Inception("inception" + NAMES[i], in, WIDTHS[i]);
      in = WIDTHS[i].out();
    }
    features = in;
  }

  /** Throws IllegalArgumentException if the images are too small for five halvings. */
  static void check(EncoderSpec spec) {
    if (Math.min(spec.height(), spec.width()) < MINIMUM) {
      throw new IllegalArgumentException(
          "backbone googlenet needs images of at least %d x %d pixels, not %d x %d"
              .formatted(MINIMUM, MINIMUM, spec.height(), spec.width()));
    }
  }

  @Override
  public Tensor map(Tensor images, boolean training) {
    Tensor x = Layers.maxPoolCeil(stem.forward(images, training), HALVE);
    x = widen.forward(reduce.forward(x, training), training);
    x = Layers.maxPoolCeil(x, HALVE);
    for (int i = 0; i < blocks.length; i++) {
      x = blocks[i].forward(x, training);
      if (NAMES[i].equals("3b")) {
        x = Layers.maxPoolCeil(x, HALVE);
      } else if (NAMES[i].equals("4e")) {
        x = Layers.maxPoolCeil(x, HALVE_LAST);
      }
    }
    return x;
  }

  @Override
  public long features() {
    return features;
  }

  /** relu(norm(conv(x))), the convolution without bias. */
  private final class Layer {
    private final Conv2d conv;
    private final BatchNorm norm;

    Layer(String name, long in, long out, Window window) {
      conv = new Conv2d(set, name + ".conv", in, out, window, false);
      norm = new BatchNorm(set, name + ".bn", out, rule);
    }

    Tensor forward(Tensor x, boolean training) {
      return norm.forward(conv.forward(x), training).relu_();
    }
  }

  /** Four branches side by side, joined along the channels. */
  private final class Inception {
    private final Layer one;
    private final Layer reduce3;
    private final Layer three;
    private final Layer reduce5;
    private final Layer five;
    private final Layer pooled;

    Inception(String name, long in, Widths widths) {
      one = new Layer(name + ".branch1", in, widths.one(), POINT);
      reduce3 = new Layer(name + ".branch2.0", in, widths.reduce3(), POINT);
      three = new Layer(name + ".branch2.1", widths.reduce3(), widths.three(), THREE);
      reduce5 = new Layer(name + ".branch3.0", in, widths.reduce5(), POINT);
      five = new Layer(name + ".branch3.1", widths.reduce5(), widths.five(), THREE);
      pooled = new Layer(name + ".branch4.1", in, widths.pool(), POINT);
    }

    Tensor forward(Tensor x, boolean training) {
      TensorVector branches = new TensorVector();
      branches.push_back(one.forward(x, training));
      branches.push_back(three.forward(reduce3.forward(x, training), training));
      branches.push_back(five.forward(reduce5.forward(x, training), training));
      branches.push_back(pooled.forward(Layers.maxPoolCeil(x, THREE), training));
      return torch.cat(branches, 1);
    }
  }
}
