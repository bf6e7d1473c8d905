package org.dc4j.encoder.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.Layers.BatchNorm2d;
import org.dc4j.encoder.torch.Layers.Conv2d;
import org.dc4j.encoder.torch.Layers.Linear;
import org.dc4j.encoder.torch.Layers.Window;

/**
 * ResNet-18 (He et al. 2016) with torchvision's names. Images up to 64 pixels meet a 3x3 stride 1
 * stem without pooling, larger ones the 7x7 stride 2 stem and a 3x3 stride 2 max pool. Embedding:
 * the 512 pooled features through "fc" = Linear(512, embedding), or as they are if embedding = 512.
 */
final class ResNet18 implements Network {
  private static final int SMALL = 64;
  private static final long FEATURES = 512;

  private final boolean pooledStem;
  private final Conv2d stem;
  private final BatchNorm2d stemNorm;
  private final List<Block> blocks = new ArrayList<>();
  private final Linear embedding;

  ResNet18(EncoderSpec spec, ParameterSet set) {
    pooledStem = Math.max(spec.height(), spec.width()) > SMALL;
    Window window = pooledStem ? new Window(7, 2, 3) : new Window(3, 1, 1);
    stem = new Conv2d(set, "conv1", spec.channels(), 64, window, false);
    stemNorm = new BatchNorm2d(set, "bn1", 64);
    long in = 64;
    for (int layer = 1; layer <= 4; layer++) {
      long out = 64L << (layer - 1);
      for (int block = 0; block < 2; block++) {
        long stride = layer > 1 && block == 0 ? 2 : 1;
        blocks.add(new Block(set, "layer" + layer + "." + block + ".", in, out, stride));
        in = out;
      }
    }
    embedding =
        spec.embedding() == FEATURES
            ? null
            : new Linear(set, "fc", FEATURES, spec.embedding(), Linear.kaiming(FEATURES));
  }

  @Override
  public Tensor embedding(Tensor images, boolean training) {
    Tensor x = stemNorm.forward(stem.forward(images), training);
    if (pooledStem) {
      x = Layers.maxPool(x, new Window(3, 2, 1));
    }
    x = x.relu_();
    for (Block block : blocks) {
      x = block.forward(x, training);
    }
    x = torch.adaptive_avg_pool2d(x, 1, 1).flatten(1, -1);
    return embedding == null ? x : embedding.forward(x);
  }

  /** relu(x' + norm(conv(relu(norm(conv(x)))))), x' = x or its strided 1x1 projection. */
  private static final class Block {
    private final Conv2d first;
    private final BatchNorm2d firstNorm;
    private final Conv2d second;
    private final BatchNorm2d secondNorm;
    private final Conv2d projection;
    private final BatchNorm2d projectionNorm;

    Block(ParameterSet set, String name, long in, long out, long stride) {
      first = new Conv2d(set, name + "conv1", in, out, new Window(3, stride, 1), false);
      firstNorm = new BatchNorm2d(set, name + "bn1", out);
      second = new Conv2d(set, name + "conv2", out, out, new Window(3, 1, 1), false);
      secondNorm = new BatchNorm2d(set, name + "bn2", out);
      boolean same = stride == 1 && in == out;
      projection =
          same
              ? null
              : new Conv2d(set, name + "downsample.0", in, out, new Window(1, stride, 0), false);
      projectionNorm = same ? null : new BatchNorm2d(set, name + "downsample.1", out);
    }

    Tensor forward(Tensor x, boolean training) {
      Tensor y = firstNorm.forward(first.forward(x), training).relu_();
      y = secondNorm.forward(second.forward(y), training);
      Tensor shortcut =
          projection == null ? x : projectionNorm.forward(projection.forward(x), training);
      return y.add_(shortcut).relu_();
    }
  }
}
