package org.dc4j.encoder.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.EncoderSpec;

/**
 * Batch normalisation over [b x C x H x W] or [b x C] with running statistics, by channel; its
 * tensors live in a {@link ParameterSet} under torch's names.
 *
 * <p>In training, groups of consecutive rows can have statistics of their own (ghost batch norm,
 * Hoffer et al. 2017), which gives the numbers of a batch spread over several devices; the running
 * statistics then take in one group after another.
 */
final class BatchNorm {
  /**
   * How a network's layers normalise.
   *
   * @param group rows that share statistics in training, 0 = the whole batch
   * @param frozen running statistics in training too, and left alone
   * @param momentum weight of a batch in the running statistics
   * @param epsilon added to the variance
   */
  record Rule(int group, boolean frozen, double momentum, double epsilon) {
    private static final double MOMENTUM = 0.1;
    private static final double EPSILON = 1e-5;

    /** The spec's groups, freezing and momentum, torch's constants. */
    static Rule of(EncoderSpec spec) {
      return of(spec, MOMENTUM);
    }

    /** With the layer's own momentum where the spec has none. */
    static Rule of(EncoderSpec spec, double own) {
      double momentum = spec.normMomentum() > 0 ? spec.normMomentum() : own;
      return new Rule(spec.normGroup(), spec.freezeNorm(), momentum, EPSILON);
    }

    Rule withEpsilon(double other) {
      return new Rule(group, frozen, momentum, other);
    }
  }

  /** What follows the division. */
  enum Affine {
    NONE,
    /** A scale per channel, trained; the shift is a buffer that stays 0. */
    SCALE,
    /** Scale and shift per channel, both trained. */
    SCALE_AND_SHIFT
  }

  private final String name;
  private final long channels;
  private final Rule rule;
  private final TensorOptional weight;
  private final TensorOptional bias;
  private final TensorOptional mean;
  private final TensorOptional variance;
  private final Tensor batches;

  BatchNorm(ParameterSet set, String name, long channels, Rule rule) {
    this(set, name, channels, rule, Affine.SCALE_AND_SHIFT);
  }

  BatchNorm(ParameterSet set, String name, long channels, Rule rule, Affine affine) {
    this.name = name;
    this.channels = channels;
    this.rule = rule;
    boolean scaled = affine != Affine.NONE;
    weight = scaled ? set.optional(set.constant(name + ".weight", 1, channels)) : set.none();
    bias =
        switch (affine) {
          case NONE -> set.none();
          case SCALE -> set.optional(set.buffer(name + ".bias", 0, channels));
          case SCALE_AND_SHIFT -> set.optional(set.constant(name + ".bias", 0, channels));
        };
    mean = set.optional(set.buffer(name + ".running_mean", 0, channels));
    variance = set.optional(set.buffer(name + ".running_var", 1, channels));
    batches = set.counter(name + ".num_batches_tracked");
  }

  /**
   * The normalised values.
   *
   * @throws IllegalArgumentException in training if a channel has a single value, hence no variance
   */
  Tensor forward(Tensor x, boolean training) {
    if (!training || rule.frozen()) {
      return normalize(x, false);
    }
    if (x.numel() < 2 * channels) {
      throw new IllegalArgumentException(
          "batch norm '%s' has one value per channel in this batch and no variance; train on two images or more"
              .formatted(name));
    }
    long[] groups = groups(x.size(0), rule.group());
    if (groups.length == 1) {
      return tracked(x);
    }
    TensorVector parts = new TensorVector();
    long from = 0;
    for (long rows : groups) {
      parts.push_back(tracked(x.narrow(0, from, rows)));
      from += rows;
    }
    return torch.cat(parts, 0);
  }

  /** Lengths of the groups of consecutive rows; a single row left over joins the group before. */
  static long[] groups(long rows, int group) {
    if (group == 0 || rows <= group) {
      return new long[] {rows};
    }
    long rest = rows % group;
    long[] lengths = new long[Math.toIntExact(rows / group + (rest > 1 ? 1 : 0))];
    Arrays.fill(lengths, group);
    if (rest > 1) {
      lengths[lengths.length - 1] = rest;
    } else {
      lengths[lengths.length - 1] += rest;
    }
    return lengths;
  }

  private Tensor tracked(Tensor x) {
    batches.add_(new Scalar(1L));
    return normalize(x, true);
  }

  private Tensor normalize(Tensor x, boolean ofBatch) {
    return torch.batch_norm(
        x, weight, bias, mean, variance, ofBatch, rule.momentum(), rule.epsilon(), false);
  }
}
