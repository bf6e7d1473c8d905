package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.torch.BatchNorm.Affine;
import org.dc4j.encoder.torch.Layers.Linear;

/** From rows of features [b x features] to embeddings [b x embedding]. */
@FunctionalInterface
interface NeckLayer {
  /**
   * Embeddings.
   *
   * @param training batch statistics and dropout on
   */
  Tensor forward(Tensor features, boolean training);

  /** The neck of a spec. */
  static NeckLayer of(EncoderSpec spec, Trunk trunk, ParameterSet set) {
    return switch (spec.neck()) {
      case LINEAR -> trunk.linear(spec, set);
      case NONE -> none(spec, trunk.features());
      case MLP -> new Mlp(set, spec, trunk.features());
      case ODC -> new Odc(set, spec, trunk.features());
      case BATCH_NORM -> new BottleneckNorm(set, spec, trunk.features());
    };
  }

  /** One linear layer, or none if the features are as wide as the embedding. */
  static NeckLayer linear(ParameterSet set, String name, long features, long embedding) {
    if (features == embedding) {
      return (x, training) -> x;
    }
    Linear layer = new Linear(set, name, features, embedding, Linear.kaiming(features));
    return (x, training) -> layer.forward(x);
  }

  private static NeckLayer none(EncoderSpec spec, long features) {
    if (spec.embedding() != features) {
      throw new IllegalArgumentException(
          "neck none gives the %d features of backbone %s as they are, so the embedding must be %d, not %d"
              .formatted(features, spec.backbone().label(), features, spec.embedding()));
    }
    return (x, training) -> x;
  }

  /** Linear, batch norm, ReLU, linear; the names are those of DeepCluster-v2's files. */
  final class Mlp implements NeckLayer {
    private final Linear first;
    private final BatchNorm norm;
    private final Linear last;

    Mlp(ParameterSet set, EncoderSpec spec, long features) {
      int hidden = spec.hidden();
      first = new Linear(set, "projection_head.0", features, hidden, Linear.kaiming(features));
      norm = new BatchNorm(set, "projection_head.1", hidden, BatchNorm.Rule.of(spec));
      // No ReLU follows: half of Kaiming's variance keeps that of the inputs.
      double deviation = Math.sqrt(1.0 / hidden);
      last = new Linear(set, "projection_head.3", hidden, spec.embedding(), deviation);
    }

    @Override
    public Tensor forward(Tensor features, boolean training) {
      return last.forward(norm.forward(first.forward(features), training).relu_());
    }
  }

  /** ODC's neck (Zhan et al. 2020; methods.md 4.4) with the names of its files. */
  final class Odc implements NeckLayer {
    private static final double MOMENTUM = 0.001;

    private final Linear first;
    private final BatchNorm norm;
    private final Linear last;
    private final double dropout;

    Odc(ParameterSet set, EncoderSpec spec, long features) {
      int hidden = spec.hidden();
      first = new Linear(set, "neck.fc0", features, hidden, Linear.kaiming(features));
      BatchNorm.Rule rule = BatchNorm.Rule.of(spec, MOMENTUM);
      norm = new BatchNorm(set, "neck.bn0", hidden, rule, Affine.NONE);
      last = new Linear(set, "neck.fc1", hidden, spec.embedding(), Linear.kaiming(hidden));
      dropout = spec.dropout();
    }

    @Override
    public Tensor forward(Tensor features, boolean training) {
      Tensor x = norm.forward(first.forward(features), training).relu_();
      return last.forward(torch.dropout(x, dropout, training)).relu_();
    }
  }

  /**
   * Re-identification's BNNeck (Luo et al. 2019; methods.md 4.7) with the names of its files: batch
   * norm whose shift stays 0, behind a linear layer if the widths differ.
   */
  final class BottleneckNorm implements NeckLayer {
    private final Linear reduction;
    private final BatchNorm norm;

    BottleneckNorm(ParameterSet set, EncoderSpec spec, long features) {
      int width = spec.embedding();
      // Kaiming by the outputs, as its authors do.
      reduction =
          width == features
              ? null
              : new Linear(set, "feat", features, width, Linear.kaiming(width));
      norm = new BatchNorm(set, "feat_bn", width, BatchNorm.Rule.of(spec), Affine.SCALE);
    }

    @Override
    public Tensor forward(Tensor features, boolean training) {
      return norm.forward(reduction == null ? features : reduction.forward(features), training);
    }
  }
}
