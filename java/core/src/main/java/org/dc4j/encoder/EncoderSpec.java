package org.dc4j.encoder;

/**
 * What an encoder is, before its weights.
 *
 * @param backbone network family
 * @param channels input channels (2 with the Sobel front end, else 1 or 3)
 * @param height input height in pixels
 * @param width input width in pixels
 * @param embedding width of an embedding row
 * @param pooling of the last feature map
 * @param neck from pooled features to the embedding
 * @param hidden width inside the necks that have a hidden layer; 0 elsewhere
 * @param dropout share of values dropped in training inside the neck "odc"; 0 elsewhere
 * @param normalize whether embeddings are divided by their Euclidean length, in training and
 *     evaluation
 * @param normGroup rows of a training batch that share batch statistics (ghost batch norm, Hoffer
 *     et al. 2017), 0 = all
 * @param freezeNorm whether batch norm uses its running statistics in training too and leaves them
 *     alone
 * @param normMomentum weight of a batch in batch norm's running statistics; 0 = the layer's own,
 *     0.1 and in ODC's neck 0.001
 */
public record EncoderSpec(
    Backbone backbone,
    int channels,
    int height,
    int width,
    int embedding,
    Pooling pooling,
    Neck neck,
    int hidden,
    double dropout,
    boolean normalize,
    int normGroup,
    boolean freezeNorm,
    double normMomentum) {
  private static final double ODC_DROPOUT = 0.5; // as published

  /** The backbone with the pooling and neck of its own, plain batch norm, rows of any length. */
  public EncoderSpec(Backbone backbone, int channels, int height, int width, int embedding) {
    this(
        backbone,
        channels,
        height,
        width,
        embedding,
        Pooling.AVERAGE,
        Neck.LINEAR,
        0,
        0,
        false,
        0,
        false,
        0);
  }

  /** Floats per input image. */
  public long inputSize() {
    return (long) channels * height * width;
  }

  /** The same with another pooling. */
  public EncoderSpec with(Pooling other) {
    return with(other, neck, hidden, dropout, normalize, norm());
  }

  /** The same with another neck, {@code hiddenWidth} wide inside, with its published dropout. */
  public EncoderSpec with(Neck other, int hiddenWidth) {
    double published = other == Neck.ODC ? ODC_DROPOUT : 0;
    return with(pooling, other, hiddenWidth, published, normalize, norm());
  }

  /** The same with embeddings of length 1. */
  public EncoderSpec normalized() {
    return with(pooling, neck, hidden, dropout, true, norm());
  }

  /** The same with batch norm over groups of rows, or frozen. */
  public EncoderSpec withNorm(int group, boolean freeze) {
    return with(pooling, neck, hidden, dropout, normalize, new Norm(group, freeze, normMomentum));
  }

  /** The same with another weight of a batch in batch norm's running statistics. */
  public EncoderSpec withNormMomentum(double momentum) {
    return with(
        pooling, neck, hidden, dropout, normalize, new Norm(normGroup, freezeNorm, momentum));
  }

  /** The same with another share of values dropped inside the neck. */
  public EncoderSpec withDropout(double share) {
    return with(pooling, neck, hidden, share, normalize, norm());
  }

  private record Norm(int group, boolean frozen, double momentum) {}

  private Norm norm() {
    return new Norm(normGroup, freezeNorm, normMomentum);
  }

  private EncoderSpec with(
      Pooling newPooling,
      Neck newNeck,
      int newHidden,
      double newDropout,
      boolean newNormalize,
      Norm norm) {
    return new EncoderSpec(
        backbone,
        channels,
        height,
        width,
        embedding,
        newPooling,
        newNeck,
        newHidden,
        newDropout,
        newNormalize,
        norm.group(),
        norm.frozen(),
        norm.momentum());
  }
}
