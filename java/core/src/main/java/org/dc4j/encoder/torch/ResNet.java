package org.dc4j.encoder.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * ResNet-18 and ResNet-50 (He et al. 2016) with torchvision's names; the bottlenecks have their
 * stride on the 3x3 convolution. Images up to 64 pixels meet a 3x3 stride 1 stem without pooling,
 * larger ones the 7x7 stride 2 stem and a 3x3 stride 2 max pool. The linear neck of ResNet-18 is
 * "fc", that of ResNet-50 "neck.fc", since "fc" in torchvision's files is a classifier; neither is
 * there if the embedding has the features' width.
 */
final class ResNet implements Trunk {
  private static final int SMALL = 64;

  /** One residual block. */
  private interface Block {
    Tensor forward(Tensor x, boolean training);
  }

  private final boolean pooledStem;
  private final Conv2d stem;
  private final BatchNorm stemNorm;
  private final List<Block> blocks = new ArrayList<>();
  private final String neck;
  private final long features;

  private ResNet(EncoderSpec spec, ParameterSet set, String neck, long features) {
    this.neck = neck;
    this.features = features;
    pooledStem = Math.max(spec.height(), spec.width()) > SMALL;
    Window window = pooledStem ? new Window(7, 2, 3) : new Window(3, 1, 1);
    stem = new Conv2d(set, "conv1", spec.channels(), 64, window, false);
    stemNorm = new BatchNorm(set, "bn1", 64, BatchNorm.Rule.of(spec));
  }

  /** ResNet-18: two basic blocks a stage, 512 features. */
  static ResNet of18(EncoderSpec spec, ParameterSet set) {
    ResNet net = new ResNet(spec, set, "fc", 512);
    BatchNorm.Rule rule = BatchNorm.Rule.of(spec);
    long in = 64;
    for (int layer = 1; layer <= 4; layer++) {
      long out = 64L << (layer - 1);
      for (int block = 0; block < 2; block++) {
        long stride = layer > 1 && block == 0 ? 2 : 1;
        String name = "layer" + layer + "." + block + ".";
        net.blocks.add(new Basic(new Site(set, name, rule), in, out, stride));
        in = out;
      }
    }
    return net;
  }

  /**
   * ResNet-50: 3, 4, 6, 3 bottlenecks, 2048 features.
   *
   * @param lastStride stride of the last stage: 2, or 1 for re-identification
   */
  static ResNet of50(EncoderSpec spec, long lastStride, ParameterSet set) {
    int[] depths = {3, 4, 6, 3};
    ResNet net = new ResNet(spec, set, "neck.fc", 2048);
    BatchNorm.Rule rule = BatchNorm.Rule.of(spec);
    long in = 64;
    for (int layer = 1; layer <= 4; layer++) {
      long width = 64L << (layer - 1);
      long first = layer == 1 ? 1 : layer == 4 ? lastStride : 2;
      for (int block = 0; block < depths[layer - 1]; block++) {
        String name = "layer" + layer + "." + block + ".";
        net.blocks.add(
            new Bottleneck(new Site(set, name, rule), in, width, block == 0 ? first : 1));
        in = 4 * width;
      }
    }
    return net;
  }

  @Override
  public Tensor map(Tensor images, boolean training) {
    Tensor x = stemNorm.forward(stem.forward(images), training);
    if (pooledStem) {
      x = Layers.maxPool(x, new Window(3, 2, 1));
    }
    x = x.relu_();
    for (Block block : blocks) {
      x = block.forward(x, training);
    }
    return x;
  }

  @Override
  public long features() {
    return features;
  }

  @Override
  public NeckLayer linear(EncoderSpec spec, ParameterSet set) {
    return NeckLayer.linear(set, neck, features, spec.embedding());
  }

  /** Where a block's tensors go, and how its layers normalise. */
  private record Site(ParameterSet set, String name, BatchNorm.Rule rule) {
    NormedConv layer(String conv, String norm, long in, long out, Window window) {
      return new NormedConv(
          new Conv2d(set, name + conv, in, out, window, false),
          new BatchNorm(set, name + norm, out, rule));
    }

    /** The strided 1x1 projection of a block whose output has another shape than its input. */
    NormedConv projection(long in, long out, long stride) {
      return stride == 1 && in == out
          ? null
          : layer("downsample.0", "downsample.1", in, out, new Window(1, stride, 0));
    }
  }

  /** A convolution without bias and its norm. */
  private record NormedConv(Conv2d conv, BatchNorm norm) {
    Tensor forward(Tensor x, boolean training) {
      return norm.forward(conv.forward(x), training);
    }

    static Tensor orSame(NormedConv layer, Tensor x, boolean training) {
      return layer == null ? x : layer.forward(x, training);
    }
  }

  /** relu(x' + norm(conv(relu(norm(conv(x)))))), x' = x or its projection; 3x3 convolutions. */
  private static final class Basic implements Block {
    private final NormedConv first;
    private final NormedConv second;
    private final NormedConv projection;

    Basic(Site site, long in, long out, long stride) {
      first = site.layer("conv1", "bn1", in, out, new Window(3, stride, 1));
      second = site.layer("conv2", "bn2", out, out, new Window(3, 1, 1));
      projection = site.projection(in, out, stride);
    }

    @Override
    public Tensor forward(Tensor x, boolean training) {
      Tensor y = second.forward(first.forward(x, training).relu_(), training);
      return y.add_(NormedConv.orSame(projection, x, training)).relu_();
    }
  }

  /** The same with 1x1 to {@code width}, 3x3, and 1x1 to four times as many channels. */
  private static final class Bottleneck implements Block {
    private final NormedConv reduce;
    private final NormedConv middle;
    private final NormedConv expand;
    private final NormedConv projection;

    Bottleneck(Site site, long in, long width, long stride) {
      reduce = site.layer("conv1", "bn1", in, width, new Window(1, 1, 0));
      middle = site.layer("conv2", "bn2", width, width, new Window(3, stride, 1));
      expand = site.layer("conv3", "bn3", width, 4 * width, new Window(1, 1, 0));
      projection = site.projection(in, 4 * width, stride);
    }

    @Override
    public Tensor forward(Tensor x, boolean training) {
      Tensor y = reduce.forward(x, training).relu_();
      y = expand.forward(middle.forward(y, training).relu_(), training);
      return y.add_(NormedConv.orSame(projection, x, training)).relu_();
    }
  }
}
